#include "detail/out_of_memory.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace styletransfer::detail {

bool tells_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  // Everything else is a general error of LibTorch's with the words of whoever ran out.
  static constexpr std::array kWords{
      // LibTorch on the CPU, and its interpreter, which wraps what the standard library throws.
      "std::bad_alloc",
      "allocate memory",
      "not enough memory",
      // CUDA: "CUDA error: out of memory".
      "out of memory",
      // cuDNN, cuBLAS, cuSOLVER, cuFFT: "CUBLAS_STATUS_ALLOC_FAILED",
      // "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED".
      "ALLOC_FAILED",
      "ALLOCATION_FAILED",
  };
  const std::string_view text = error.what();
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* words) { return text.find(words) != std::string_view::npos; });
}

}  // namespace styletransfer::detail
