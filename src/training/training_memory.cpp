#include "training/training_memory.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <memory>

#include "base/system/byte_count.h"
#include "engine/run.h"
#include "styletransfer/error.h"
#include "training/generator.h"

namespace styletransfer::detail {
namespace {

// Sizes of the test crops.
constexpr int kSmallPx = 64;
constexpr int kLargePx = 96;
// Adam's two moments, the best weights, and the copy that is being written to a file.
constexpr double kWeightCopies = 4.0;
// Temporaries of operations and fragmentation: measured up to 1.18 (an AVX2 processor, crops of 460
// to 512 pixels).
constexpr double kMargin = 1.2;
// Minimum of TrainingExtent::size_px.
constexpr int kMinPx = 32;

/// Observes every tensor allocation on this thread.
class AllocationObserver : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* /*ptr*/, std::int64_t alloc_size, std::size_t /*total_allocated*/,
                         std::size_t /*total_reserved*/, c10::Device /*device*/) override {
    current_ += alloc_size;
    peak_ = std::max(peak_, current_);
  }
  [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
  [[nodiscard]] std::int64_t peak() const { return peak_; }

 private:
  std::int64_t current_ = 0;
  std::int64_t peak_ = 0;
};

std::int64_t max_bytes_of(const std::function<void()>& work) {
  const auto count = std::make_shared<AllocationObserver>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, count);
  work();
  return count->peak();
}

double squared(int side_px) { return static_cast<double>(side_px) * side_px; }

std::string extent_text(TrainingExtent extent) {
  std::string text = "squares of " + std::to_string(extent.size_px) + " pixels";
  if (extent.batch > 1) text += ", " + std::to_string(extent.batch) + " at a time,";
  return text;
}

/// Returns "size 256 or batch 2 would fit"; empty when nothing would.
Message what_would_fit(TrainingExtent asked,
                       const std::function<bool(TrainingExtent)>& is_fitting) {
  Message text;
  TrainingExtent smaller = asked;
  while (smaller.size_px > kMinPx && !is_fitting(smaller)) smaller.size_px -= kGeneratorMultipleOf;
  if (is_fitting(smaller)) text = option("size", std::to_string(smaller.size_px));
  TrainingExtent fewer = asked;
  while (fewer.batch > 1 && !is_fitting(fewer)) --fewer.batch;
  if (is_fitting(fewer)) {
    if (!text.empty()) text += " or ";
    text += option("batch", std::to_string(fewer.batch));
  }
  return text.empty() ? text : text + " would fit";
}

}  // namespace

TrainingMemory::TrainingMemory(const NamedTensors& parameters,
                               const std::function<void(int size_px)>& step) {
  const auto measured = [&](int size_px) {
    const std::int64_t peak = max_bytes_of([&] { step(size_px); });
    for (const auto& [name, tensor] : parameters) tensor.mutable_grad().reset();
    return static_cast<double>(peak);
  };
  const double small = measured(kSmallPx);
  bytes_per_px_ =
      std::max(0.0, measured(kLargePx) - small) / (squared(kLargePx) - squared(kSmallPx));
  constant_bytes_ = std::max(0.0, small - bytes_per_px_ * squared(kSmallPx));
  for (const auto& [name, tensor] : parameters) {
    constant_bytes_ += kWeightCopies * static_cast<double>(tensor.nbytes());
  }
}

std::int64_t TrainingMemory::bytes(int size_px, int batch) const {
  return static_cast<std::int64_t>(
      kMargin * (constant_bytes_ + bytes_per_px_ * squared(size_px) * static_cast<double>(batch)));
}

std::int64_t bytes_for_photos(TrainingExtent asked,
                              const std::function<std::int64_t(TrainingExtent)>& bytes_of,
                              const TrainingLimits& limits, const Runtime& runtime,
                              Observer& observer) {
  const std::int64_t held = runtime.device.is_cpu() ? current_memory_bytes() : 0;
  const std::int64_t left = memory_left(limits.memory_limit_bytes, runtime);
  const std::int64_t needed = bytes_of(asked);
  if (needed > left) {
    const Message remedy = memory_remedy(left, runtime.device);
    const Message fitting =
        what_would_fit(asked, [&](TrainingExtent extent) { return bytes_of(extent) <= left; });
    throw UsageError("training on " + extent_text(asked) + " needs about " +
                     memory_text(held + needed) + " but " +
                     memory_text(std::max<std::int64_t>(0, held + left)) + " may be used on " +
                     runtime.device.str() + "; " +
                     (fitting.empty() ? remedy + ", or lower " + option("width")
                                      : fitting + " (or " + remedy + ")"));
  }
  observer.on_message("memory: about " + memory_text(held + needed) + " of " +
                      memory_text(held + left) + ", and photos in what is left");
  return left - needed;
}

}  // namespace styletransfer::detail
