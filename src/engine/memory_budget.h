// Memory budget of a run, and advice when it is too small.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/job.h"
#include "styletransfer/message.h"
#include "styletransfer/runtime.h"

namespace styletransfer::detail {

/// Returns the bytes that a run may take beyond what the process already uses. `limit_bytes`: for
/// the whole process (Job::memory_limit_bytes); 0: what is free. Limits that end a process which
/// exceeds them (cgroups, `ulimit -v`) always apply.
[[nodiscard]] std::int64_t memory_left(std::int64_t limit_bytes, const Runtime& runtime);

/// Returns one job's share of the budget.
[[nodiscard]] std::int64_t memory_left(const Job& job, const Runtime& runtime);

/// Returns true if this many more bytes would exceed a limit that ends the process.
[[nodiscard]] bool exceeds_memory(std::int64_t bytes, const Runtime& runtime);

/// Returns "raise memory_limit", or whatever else would help: "raise `ulimit -v`". `left_bytes`:
/// what may be taken on this device and is too little.
[[nodiscard]] Message memory_remedy(std::int64_t left_bytes, c10::Device device);

/// Returns "1.8 GB may be used on cpu", and where the memory limit decides, what the program holds
/// of the limit. `left_bytes`: one job's share of the budget.
[[nodiscard]] std::string memory_left_text(std::int64_t left_bytes, const Job& job,
                                           c10::Device device);

/// Returns "out of memory on cpu: lower size ..." with advice.
[[nodiscard]] Message out_of_memory_message(c10::Device device);

/// Returns "the network does not fit ..." for memory that ran out while the network was prepared,
/// which no size of image changes.
[[nodiscard]] Message network_memory_message(c10::Device device);

}  // namespace styletransfer::detail
