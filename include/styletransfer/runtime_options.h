// Choice of device, precision and threads, and what the process uses. No tensors.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/bounds.h"

namespace styletransfer {

/// kAuto: the fastest precision of a CPU; on a GPU bfloat16 if supported, else float32.
enum class Precision { kAuto, kFloat32, kInt16, kBfloat16 };

struct RuntimeOptions {
  /// "auto", "cpu", "cuda", "cuda:N", "mps".
  std::string device = "auto";
  Precision precision = Precision::kAuto;
  /// 0: usable_cores().
  int threads = 0;
  static constexpr Bounds<int> kThreads{1, 1024, "threads"};
};

/// Returns the number of threads that can run at the same time: the cores available to the process,
/// counting two hardware threads of one core once, within the CPU quota of its cgroups.
[[nodiscard]] int usable_cores();

/// Resident set size of this process, in bytes.
[[nodiscard]] std::int64_t current_memory_bytes();

/// Peak resident set size of this process so far, in bytes.
[[nodiscard]] std::int64_t peak_memory_bytes();

/// Peak total size of this process's tensors on a GPU so far, in bytes; 0 if no GPU was used, and
/// with LibTorch before 2.9, which cannot say.
[[nodiscard]] std::int64_t peak_device_memory_bytes();

}  // namespace styletransfer
