// Time since this process was started.
#pragma once

namespace styletransfer {

/// Seconds since the kernel started this process: loading the program's libraries is in it, and so
/// is a start over with other environment variables.
[[nodiscard]] double seconds_since_process_start();

}  // namespace styletransfer
