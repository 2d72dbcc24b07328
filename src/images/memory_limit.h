// How much memory this process may still take.
#pragma once

#include <cstdint>

namespace styletransfer {

/// Bytes: the least of the system's free memory, the control group's limit and the address space
/// limit. The largest number where the system does not say.
[[nodiscard]] std::uint64_t free_memory_bytes();

}  // namespace styletransfer
