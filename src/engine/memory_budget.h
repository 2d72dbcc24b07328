// Memory budget of a run, and advice when it is too small.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/runtime.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Returns the bytes that a run may take beyond what the process already uses. `limit_bytes`: the
/// value of --memory-limit, for the whole process; 0: what is free. Limits that end a process which
/// exceeds them (cgroups, `ulimit -v`) always apply.
[[nodiscard]] std::int64_t memory_left(std::int64_t limit_bytes, const Runtime& runtime);

/// Returns one job's share of the budget.
[[nodiscard]] std::int64_t memory_left(const Job& job, const Runtime& runtime);

/// Returns true if this many more bytes would exceed a limit that ends the process.
[[nodiscard]] bool exceeds_memory(std::int64_t bytes, const Runtime& runtime);

/// Bytes of the tensors in a run's checkpoint.
[[nodiscard]] std::int64_t tensor_bytes(const RunState& state);

/// Returns "raise --memory-limit", or whatever else would help: "raise `ulimit -v`". `left_bytes`:
/// what may be taken on this device and is too little.
[[nodiscard]] std::string memory_remedy(std::int64_t left_bytes, c10::Device device);

/// Returns "1.8 GB may be used on cpu", and where --memory-limit decides, what the program holds of
/// the limit. `left_bytes`: one job's share of the budget.
[[nodiscard]] std::string memory_left_text(std::int64_t left_bytes, const Job& job,
                                           c10::Device device);

/// Returns "out of memory on cpu: lower --size ..." with advice.
[[nodiscard]] std::string out_of_memory_message(c10::Device device);

/// Returns "the network does not fit ..." for memory that ran out while the network was prepared,
/// which no size of image changes.
[[nodiscard]] std::string network_memory_message(c10::Device device);

}  // namespace styletransfer::detail
