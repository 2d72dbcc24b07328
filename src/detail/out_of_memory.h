// The several ways in which running out of memory shows.
#pragma once

#include <exception>

namespace styletransfer::detail {

/// Whether an exception of the standard library or of LibTorch says that memory ran out.
[[nodiscard]] bool tells_of_memory(const std::exception& error);

}  // namespace styletransfer::detail
