// A device that is ready for use, with its precision.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>

#include "styletransfer/message.h"
#include "styletransfer/runtime_options.h"

namespace styletransfer {

/// A usable device with its precision; made once per process by resolve_runtime.
struct Runtime {
  c10::Device device{c10::kCPU};
  /// Storage type of features: kFloat or kBFloat16. Losses and Gram sums are always float32.
  c10::ScalarType feature_type = c10::kFloat;
  /// With feature_type kFloat on the CPU: convolutions multiply 16-bit integers, scaled per tile.
  bool multiplies_int16 = false;
  int threads = 1;
  /// A readable line: "cpu (AVX-512, bf16 units), bfloat16 features, 2 threads".
  std::string description;
  /// One line explaining why "auto" chose the CPU although an NVIDIA driver is present; else empty.
  Message fallback_reason;
};

/// Chooses the device ("auto": a usable GPU, else the CPU), tests it with small products of the
/// kinds and the precision that runs use, and sets up the thread count and the allocator. Opens the
/// CUDA library, which takes seconds, only if CUDA's runtime library finds a GPU. Throws UsageError
/// when a named device cannot be used, saying why (no driver, too old, no such GPU), when it does
/// not support the requested precision, or when the system does not let the process have the
/// threads or their stacks (`ulimit -v`). Must be the first call that asks LibTorch for devices:
/// see device/cuda_library.h.
[[nodiscard]] Runtime resolve_runtime(const RuntimeOptions& options);

/// Sets the calling thread's LibTorch thread count to the runtime's. The thread that called
/// resolve_runtime has it set already; every other thread that runs jobs must call this first.
void use_threads_of(const Runtime& runtime);

/// Returns the bytes of memory that a run on this device may still take: what the tightest limit
/// leaves now (base/system/memory_info.h; on a GPU its own free memory), minus a tenth.
[[nodiscard]] std::int64_t available_memory_bytes(const Runtime& runtime);

}  // namespace styletransfer
