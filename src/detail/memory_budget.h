// What a run may take of memory, and what the user can do when that is too little.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/runtime.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Bytes that a run may take beyond what the process holds already. `limit_bytes`: what
/// --memory-limit says, for the whole process; 0: what is free. Limits whose excess ends the
/// process (control groups, `ulimit -v`) hold in any case.
[[nodiscard]] std::int64_t memory_left(std::int64_t limit_bytes, const Runtime& runtime);

/// One job's share of it.
[[nodiscard]] std::int64_t memory_left(const Job& job, const Runtime& runtime);

/// Whether so many bytes more would exceed a limit that ends the process.
[[nodiscard]] bool exceeds_memory(std::int64_t bytes, const Runtime& runtime);

/// Bytes of a run's saved state.
[[nodiscard]] std::int64_t tensor_bytes(const RunState& state);

/// "raise --memory-limit", or, where that would not help, what would: "raise `ulimit -v`".
/// `left_bytes`: what may be taken on this device and is too little.
[[nodiscard]] std::string memory_remedy(std::int64_t left_bytes, c10::Device device);

/// "out of memory on cpu: lower --size ..." with what would help.
[[nodiscard]] std::string out_of_memory_words(c10::Device device);

}  // namespace styletransfer::detail
