// Recognizes out-of-memory errors.
#pragma once

#include <exception>

namespace styletransfer::detail {

/// True if an exception of the standard library or LibTorch reports that memory ran out, on the CPU
/// or on a GPU (NVIDIA's libraries each have their own message).
[[nodiscard]] bool is_out_of_memory(const std::exception& error);

}  // namespace styletransfer::detail
