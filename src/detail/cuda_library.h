// LibTorch's CUDA half, opened at run time, so that one binary serves machines with and without it.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::detail {

/// Whether an NVIDIA driver is loaded; looks at files only.
[[nodiscard]] bool has_nvidia_driver();

/// Opens libtorch_cuda beside libtorch_cpu. Returns "" when CUDA can be used, else what is missing
/// and the remedy.
[[nodiscard]] std::string open_cuda_library();

/// Free memory of a GPU minus a margin of a tenth; 0 when it cannot be asked.
[[nodiscard]] std::int64_t free_cuda_memory_bytes(int device_index);

}  // namespace styletransfer::detail
