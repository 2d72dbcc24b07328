// What -v tells of the memory and the processors that a command may use.
#pragma once

#include <cstdint>

#include "styletransfer/runtime.h"

namespace styletransfer::cli {

/// Says in the log's detail which limit decides, and why there are so many threads.
/// `limit_bytes`: of --memory-limit; 0: not given.
void tell_resources(const Runtime& runtime, std::int64_t limit_bytes);

}  // namespace styletransfer::cli
