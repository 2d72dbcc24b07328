#include "device/out_of_memory.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <system_error>

namespace styletransfer::detail {

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  if (const auto* const system = dynamic_cast<const std::system_error*>(&error)) {
    return system->code() == std::errc::not_enough_memory;
  }
  // Other cases are generic LibTorch errors that contain the message of the failing library.
  static constexpr std::array kWords{
      // LibTorch on the CPU; the TorchScript interpreter, which wraps standard exceptions.
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
  // oneDNN, when it cannot have memory for the code that it generates; a primitive that it does not
  // have is "could not create a primitive descriptor".
  if (text == "could not create a primitive") return true;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* words) { return text.find(words) != std::string_view::npos; });
}

}  // namespace styletransfer::detail
