// --time-limit is for the whole command, from the start of the process on.
#pragma once

namespace styletransfer::cli {

/// Seconds of a time limit that are left now for the work itself. `reserve_seconds`: for what comes
/// after it. Never quite nothing, since 0 means no limit, and stays 0.
[[nodiscard]] double time_left(double limit_seconds, double reserve_seconds = 0.0);

}  // namespace styletransfer::cli
