// Device memory of the stand-in: closed to the host outside of operations, initialized to NaN.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stand_in {

/// Memory statistics of the device, in bytes.
struct MemoryUse {
  std::size_t total = 0;
  /// In tensors: now, and the maximum so far.
  std::size_t held = 0;
  std::size_t peak = 0;
  /// Taken from the device: memory in tensors and, as in LibTorch's caching allocator, memory of
  /// released tensors. Now, and the maximum so far.
  std::size_t reserved = 0;
  std::size_t peak_reserved = 0;
};
[[nodiscard]] MemoryUse memory_use();

/// Releases memory that is reserved but not held.
void empty_cache();
void reset_peak();

/// Allocator for LibTorch. Beyond FAKE_CUDA_BYTES it throws c10::OutOfMemoryError or, if
/// FAKE_CUDA_MEMORY_ERROR is set, a c10::Error with that message, like NVIDIA's libraries.
[[nodiscard]] c10::Allocator& device_allocator();

/// Makes the memory of some device tensors accessible to the host for the life of the object.
class OpenMemory {
 public:
  OpenMemory() = default;
  ~OpenMemory();
  OpenMemory(const OpenMemory&) = delete;
  OpenMemory& operator=(const OpenMemory&) = delete;
  void open(const at::Tensor& tensor);

 private:
  std::vector<std::uintptr_t> starts_;
};

/// Installs a signal handler that ends the process with a message if the host accesses closed
/// memory.
void watch_for_host_access();

}  // namespace stand_in
