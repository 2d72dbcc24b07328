// Time since this process started.
#pragma once

namespace styletransfer {

/// Seconds since the kernel started this process. Includes the loading of shared libraries and any
/// re-exec with changed environment variables.
[[nodiscard]] double seconds_since_process_start();

}  // namespace styletransfer
