// The several ways in which running out of memory shows.
#pragma once

#include <exception>

namespace styletransfer::detail {

/// Whether an exception of the standard library or of LibTorch says that memory ran out, on the CPU
/// or on a GPU, where NVIDIA's libraries have words of their own for it.
[[nodiscard]] bool tells_of_memory(const std::exception& error);

}  // namespace styletransfer::detail
