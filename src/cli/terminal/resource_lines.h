// Messages of --verbose about the memory limit and the threads.
#pragma once

#include <cstdint>

#include "styletransfer/runtime.h"

namespace styletransfer::cli {

/// Logs which memory limit applies and how the number of threads was chosen. `limit_bytes`:
/// --memory-limit; 0: not given.
void report_resources(const Runtime& runtime, std::int64_t limit_bytes);

}  // namespace styletransfer::cli
