// Run-time loading of libtorch_cuda, so that one binary works on machines with and without CUDA.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/message.h"

namespace styletransfer::detail {

/// True if an NVIDIA driver is loaded. Only checks for device files.
[[nodiscard]] bool has_nvidia_driver();

/// Returns what is missing for CUDA and how to fix it; empty for nothing. Does not open
/// libtorch_cuda, which takes seconds: only checks that the file exists and that the CUDA runtime
/// library finds a GPU.
[[nodiscard]] Message missing_for_cuda();

/// Opens libtorch_cuda from the directory of libtorch_cpu. Returns "" if CUDA can be used,
/// otherwise what is missing and how to fix it. Must come before any call of at::hasCUDA(), whose
/// first result LibTorch caches for the life of the process (autograd's backward pass and
/// at::manual_seed call it).
[[nodiscard]] Message open_cuda_library();

/// Compute capability of a GPU, 80 for 8.0; 0 if the query fails. Call open_cuda_library() first.
[[nodiscard]] int cuda_compute_capability(int device_index);

/// Free memory of a GPU in bytes, less a safety margin of 10 %; 0 if the query fails. Call
/// open_cuda_library() first.
[[nodiscard]] std::int64_t free_cuda_memory_bytes(int device_index);

}  // namespace styletransfer::detail
