// The stand-in's device memory: closed to the host outside operations, not-a-number when new.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stand_in {

/// Bytes of the device.
struct MemoryUse {
  std::size_t total = 0;
  /// In tensors, now and at most so far.
  std::size_t held = 0;
  std::size_t peak = 0;
  /// Taken from the device: what tensors hold and, as in LibTorch's caching allocator, what they
  /// held before. At most so far.
  std::size_t reserved = 0;
  std::size_t peak_reserved = 0;
};
[[nodiscard]] MemoryUse memory_use();

/// Gives back what is reserved and not held.
void empty_cache();
void reset_peak();

/// LibTorch's allocator for the device. Past FAKE_CUDA_BYTES it throws c10::OutOfMemoryError or,
/// with FAKE_CUDA_MEMORY_ERROR, a c10::Error of those words, as NVIDIA's libraries word it.
[[nodiscard]] c10::Allocator& device_allocator();

/// The memory under some tensors of the device can be read and written while this lives.
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

/// Ends the process, saying so, where the host touches closed memory.
void watch_for_host_access();

}  // namespace stand_in
