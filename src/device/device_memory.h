// Statistics of LibTorch's GPU memory allocator.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace styletransfer::detail {

/// Bytes on one device. All 0 for the CPU, before the first GPU tensor, and with LibTorch
/// before 2.9, which has no public statistics.
struct DeviceMemory {
  /// Bytes in tensors: now, and the maximum since the last reset_device_peak.
  std::int64_t in_use = 0;
  std::int64_t peak = 0;
  /// Bytes taken from the driver that are in no tensor; reused for the next tensors.
  std::int64_t cached = 0;
};

[[nodiscard]] DeviceMemory device_memory(c10::Device device);

/// Restarts the measurement of `peak`; the old one still counts for largest_device_peak_bytes().
void reset_device_peak(c10::Device device);

/// The largest `peak` of any GPU since the program started.
[[nodiscard]] std::int64_t largest_device_peak_bytes();

}  // namespace styletransfer::detail
