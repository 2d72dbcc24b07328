// Allocator interface of the stand-in: with statistics for LibTorch 2.9 and newer, plain before.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/CachingDeviceAllocator.h>

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/version.h>
#endif

#include <cstddef>
#include <utility>

#include "device_memory.h"

namespace stand_in {

#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9

class AllocatorInterface : public c10::DeviceAllocator {
 public:
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t /*pool*/) override { empty_cache(); }
  void recordStream(const c10::DataPtr& /*data*/, c10::Stream /*stream*/) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex /*device*/) override {
    const MemoryUse use = memory_use();
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.allocated_bytes.front() = stat(use.held, use.peak);
    stats.active_bytes.front() = stat(use.held, use.peak);
    stats.reserved_bytes.front() = stat(use.reserved, use.peak_reserved);
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex /*device*/) override {}
  void resetPeakStats(c10::DeviceIndex /*device*/) override { reset_peak(); }
  // Since LibTorch 2.10.
  virtual std::pair<std::size_t, std::size_t> getMemoryInfo(c10::DeviceIndex /*device*/) {
    const MemoryUse use = memory_use();
    return {use.total - use.reserved, use.total};
  }

 private:
  static c10::CachingAllocator::Stat stat(std::size_t current, std::size_t peak) {
    c10::CachingAllocator::Stat stat;
    stat.current = static_cast<std::int64_t>(current);
    stat.peak = static_cast<std::int64_t>(peak);
    return stat;
  }
};

#else

using AllocatorInterface = c10::Allocator;

#endif

}  // namespace stand_in
