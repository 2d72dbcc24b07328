// What LibTorch's allocator of a GPU has handed out and kept, by its public statistics.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace styletransfer::detail {

/// Bytes of one device. All 0 for a processor, where no tensor was made yet, and with LibTorch
/// before 2.9, which has no public statistics.
struct DeviceMemory {
  /// Of tensors, now and at most since the last reset_device_peak.
  std::int64_t in_use = 0;
  std::int64_t peak = 0;
  /// Taken from the driver and not in a tensor: the next tensors get it.
  std::int64_t cached = 0;
};

[[nodiscard]] DeviceMemory device_memory(c10::Device device);

/// From here on `peak` is of what follows; the largest so far stays known.
void reset_device_peak(c10::Device device);

/// The largest `peak` of any GPU since the program began.
[[nodiscard]] std::int64_t largest_device_peak_bytes();

}  // namespace styletransfer::detail
