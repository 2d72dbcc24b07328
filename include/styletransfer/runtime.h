// Layer 1: where and how numbers are computed: device, precision, threads, memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace styletransfer {

enum class Precision { kAuto, kFloat32, kInt16, kBfloat16 };

struct RuntimeOptions {
  /// "auto", "cpu", "cuda", "cuda:N", "mps".
  std::string device = "auto";
  Precision precision = Precision::kAuto;
  /// 0: usable_cores().
  int threads = 0;
};

/// A usable device with its precision; made once per process by resolve_runtime.
struct Runtime {
  c10::Device device{c10::kCPU};
  /// Storage type of features: kFloat or kBFloat16. Losses and Gram sums are float32 always.
  c10::ScalarType feature_type = c10::kFloat;
  /// kFloat on the CPU: convolutions multiply 16-bit integers, tile by tile scaled.
  bool multiplies_int16 = false;
  int threads = 1;
  /// One line for people: "cpu (AVX-512, bf16 units), bfloat16 features, 2 threads".
  std::string description;
  /// Why "auto" chose the CPU although there is an NVIDIA driver, in one line; else "".
  std::string fallback_reason;
};

/// Chooses the device ("auto": a usable GPU, else the CPU), tries it with small products of the
/// kinds and the precision that runs use, sets the thread count and the allocator up. Opens the
/// CUDA library, which takes seconds, only where CUDA's runtime library finds a GPU. Throws
/// UsageError when a named device cannot be used, saying why (no driver, too old, no such GPU), or
/// when it does not have the precision asked for. First of all that asks LibTorch for devices: see
/// detail/cuda_library.h.
[[nodiscard]] Runtime resolve_runtime(const RuntimeOptions& options);

/// Threads that can run at the same time: the cores that the process may use, two hardware threads
/// of one core counted once, within the CPU quota of its control groups.
[[nodiscard]] int usable_cores();

/// Computes on as many threads as the runtime says. The thread that called resolve_runtime does so
/// anyway; any other one that runs jobs calls this first.
void use_threads_of(const Runtime& runtime);

/// Bytes of memory that a run on this device may still take: what the tightest limit leaves now
/// (base/memory_info.h; on a GPU its own free memory), minus a tenth.
[[nodiscard]] std::int64_t available_memory_bytes(const Runtime& runtime);

/// Resident set of this process now, in bytes.
[[nodiscard]] std::int64_t current_memory_bytes();

/// Largest resident set of this process so far, in bytes.
[[nodiscard]] std::int64_t peak_memory_bytes();

/// Largest sum of this process's tensors on a GPU so far, in bytes; 0 where none was used, and with
/// LibTorch before 2.9, which cannot say.
[[nodiscard]] std::int64_t peak_device_memory_bytes();

}  // namespace styletransfer
