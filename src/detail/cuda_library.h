// LibTorch's CUDA half, opened at run time, so that one binary serves machines with and without it.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::detail {

/// Whether an NVIDIA driver is loaded; looks at files only.
[[nodiscard]] bool has_nvidia_driver();

/// What is missing for CUDA, and the remedy; "" when nothing is, as far as that can be told without
/// opening libtorch_cuda, which takes seconds: whether it is there, and whether the CUDA runtime
/// library finds a GPU.
[[nodiscard]] std::string missing_for_cuda();

/// Opens libtorch_cuda beside libtorch_cpu. Returns "" when CUDA can be used, else what is missing
/// and the remedy. Nothing may ask at::hasCUDA() before: LibTorch keeps the first answer for the
/// life of the process (a backward pass of autograd asks, and so does at::manual_seed).
[[nodiscard]] std::string open_cuda_library();

/// Compute capability of a GPU, 80 for 8.0; 0 when it cannot be asked. After open_cuda_library().
[[nodiscard]] int cuda_compute_capability(int device_index);

/// Free memory of a GPU minus a margin of a tenth; 0 when it cannot be asked. After
/// open_cuda_library().
[[nodiscard]] std::int64_t free_cuda_memory_bytes(int device_index);

}  // namespace styletransfer::detail
