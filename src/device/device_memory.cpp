#include "device/device_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/version.h>
#endif

#include <algorithm>
#include <atomic>

namespace styletransfer::detail {
namespace {

std::atomic<std::int64_t> largest_before_reset{0};

#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9

/// Null for the CPU, and before libtorch_cuda is opened.
c10::DeviceAllocator* allocator_of(c10::DeviceType type) {
  if (type != c10::kCUDA) return nullptr;
  auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(type));
  return allocator != nullptr && allocator->initialized() ? allocator : nullptr;
}

c10::DeviceIndex index_of(c10::Device device) {
  return std::max<c10::DeviceIndex>(0, device.index());
}

#endif

}  // namespace

#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9

DeviceMemory device_memory(c10::Device device) {
  c10::DeviceAllocator* allocator = allocator_of(device.type());
  if (allocator == nullptr) return {};
  const c10::CachingDeviceAllocator::DeviceStats stats =
      allocator->getDeviceStats(index_of(device));
  // The first entry is the total of the two pools (small and large blocks).
  const auto& in_use = stats.allocated_bytes.front();
  return {in_use.current, in_use.peak, stats.reserved_bytes.front().current - in_use.current};
}

void reset_device_peak(c10::Device device) {
  c10::DeviceAllocator* allocator = allocator_of(device.type());
  if (allocator == nullptr) return;
  largest_before_reset = std::max(largest_before_reset.load(), device_memory(device).peak);
  allocator->resetPeakStats(index_of(device));
}

std::int64_t largest_device_peak_bytes() {
  std::int64_t largest = largest_before_reset;
  if (allocator_of(c10::kCUDA) == nullptr) return largest;
  const c10::DeviceIndex count = c10::impl::getDeviceGuardImpl(c10::kCUDA)->deviceCount();
  for (c10::DeviceIndex index = 0; index < count; ++index) {
    largest = std::max(largest, device_memory({c10::kCUDA, index}).peak);
  }
  return largest;
}

#else

DeviceMemory device_memory(c10::Device /*device*/) { return {}; }
void reset_device_peak(c10::Device /*device*/) {}
std::int64_t largest_device_peak_bytes() { return largest_before_reset; }

#endif

}  // namespace styletransfer::detail
