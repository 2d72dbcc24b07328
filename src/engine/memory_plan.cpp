#include "engine/memory_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "loss/style/projection_histogram.h"

namespace styletransfer {
namespace {

// Strip heights, in rows of a block's own resolution. First block: at 128 rows the halo and the
// recomputation cost as much as better cache use gains. Deeper blocks have a halo twice as high and
// few bytes per row, so higher strips pay off where memory allows.
constexpr std::int64_t kFirstBlockRows = 128;
constexpr std::array<std::int64_t, 3> kLaterBlockRows{64, 128, 256};
// On the CPU, from 2/3 of a megapixel on, strips in the first block take as long as the whole image
// if hardly any arithmetic is repeated (docs/performance.md, Memory plan). On a GPU each strip
// costs its own kernel launches.
constexpr std::int64_t kFreeStripsPixels = 640 * 1024;
constexpr double kFreeArithmetic = 1.02;
constexpr int kMinHistory = 3;
constexpr std::int64_t kFloatBytes = 4;
// Between the forward and backward pass, a GPU holds at most this many image-sized results at a
// time.
constexpr std::int64_t kDeviceWorkVectors = 6;
// Scalars, filters and small matrices, each in an allocator block of its own.
constexpr std::int64_t kDeviceSmallBytes = 64 << 10;

ExecutionPlan strips_in_first(int blocks, std::int64_t later_rows = kLaterBlockRows.front()) {
  ExecutionPlan plan;
  for (int block = 0; block < blocks; ++block) {
    plan.blocks.push_back({block == 0 ? kFirstBlockRows : later_rows, false});
  }
  return plan;
}

std::string summary_of(int strip_blocks, const OptimizerOptions& asked,
                       const OptimizerOptions& given) {
  std::string summary = strip_blocks == 0 ? "whole image"
                        : strip_blocks == 1
                            ? "stage 1 in strips"
                            : "stages 1-" + std::to_string(strip_blocks) + " in strips";
  if (given.kind == OptimizerKind::kLbfgs && given.history < asked.history) {
    summary += ", history " + std::to_string(given.history);
  }
  return summary;
}

/// Matrices of the style statistics on a device: for each layer its sum and the factor of its
/// gradient, plus the temporaries that turn one into the other, for one layer at a time.
std::int64_t device_statistic_bytes(const FeatureNetwork& network, Size size,
                                    const LossOptions& loss) {
  if (loss.style_loss == StyleLossKind::kSlicedWasserstein) return 0;
  constexpr std::int64_t kHeldBytes = 4 + 4;
  // A difference and its square; or the roots of covariances, by products in float64.
  const std::int64_t work_bytes = loss.style_loss == StyleLossKind::kGram ? 3 * 8 : 10 * 8;
  std::int64_t held = 0;
  std::int64_t work = 0;
  for (const std::string& layer : loss.style_layers) {
    const auto channels = network.shape_of(layer, size.height_px, size.width_px).channels;
    held += channels * channels * kHeldBytes;
    work = std::max(work, channels * channels * work_bytes);
  }
  return held + work;
}

/// Memory for comparing distributions on a device, in addition to the pass that produces the
/// features: an upper bound if that runs in strips.
std::int64_t device_projection_bytes(const FeatureNetwork& network, Size size,
                                     const LossOptions& loss) {
  std::int64_t bytes = 0;
  for (const std::string& layer : loss.style_layers) {
    const auto shape = network.shape_of(layer, size.height_px, size.width_px);
    bytes = std::max(bytes, detail::projection_work_bytes(
                                shape.height * shape.width * shape.channels, shape.channels));
  }
  return bytes;
}

}  // namespace

MemoryEstimate estimate_memory(const FeatureNetwork& network, Size size, const LossOptions& loss,
                               const ExecutionPlan& execution, const OptimizerOptions& optimizer,
                               std::int64_t extra_bytes_per_pixel) {
  const std::int64_t pixels = std::int64_t{size.width_px} * size.height_px;
  const std::int64_t vector = pixels * 3 * kFloatBytes;
  MemoryEstimate estimate;
  estimate.execution_bytes = network.execution_bytes(size.height_px, size.width_px, execution);
  // The variable's pixels.
  estimate.image_bytes = vector + pixels * extra_bytes_per_pixel;
  for (const std::string& layer : loss.content_layers) {
    estimate.image_bytes += network.output_bytes(layer, size.height_px, size.width_px);
  }
  if (!network.device().is_cpu()) {
    estimate.execution_bytes = std::max(estimate.execution_bytes, kDeviceWorkVectors * vector);
    estimate.execution_bytes += device_statistic_bytes(network, size, loss);
    if (loss.style_loss == StyleLossKind::kSlicedWasserstein) {
      estimate.execution_bytes += device_projection_bytes(network, size, loss);
    }
    // Variable, gradient, best point; and the direction, the last gradient and its preconditioned
    // form, or Adam's two moments.
    const std::int64_t own = optimizer.kind == OptimizerKind::kAdam ? 2 : 3 + 2 * optimizer.history;
    estimate.optimizer_bytes = (3 + own) * vector + kDeviceSmallBytes;
    return estimate;
  }
  // Variable, gradient, best point, the objective's own gradient, one temporary.
  estimate.optimizer_bytes = 5 * vector;
  if (optimizer.kind == OptimizerKind::kAdam) {
    estimate.optimizer_bytes += 3 * vector;
  } else {
    const std::int64_t pair = optimizer.history_bfloat16 ? vector : 2 * vector;
    // Direction, the last gradient, that gradient preconditioned, and an image pyramid of 2 (1/4 +
    // 1/16 + 1/64).
    estimate.optimizer_bytes += 11 * vector / 3 + optimizer.history * pair;
  }
  return estimate;
}

namespace {

/// Search over the plans of one pass, all with the same history.
class PlanSearch {
 public:
  PlanSearch(const FeatureNetwork& network, Size size, const LossOptions& loss,
             const OptimizerOptions& asked, std::int64_t limit_bytes,
             std::int64_t extra_bytes_per_pixel)
      : network_(network),
        size_(size),
        loss_(loss),
        asked_(asked),
        limit_bytes_(limit_bytes),
        extra_bytes_per_pixel_(extra_bytes_per_pixel) {}

  /// Returns the fitting plan with the least arithmetic, for sizes at which strips are not free;
  /// nullopt when none fits.
  [[nodiscard]] std::optional<MemoryPlan> cheapest(const OptimizerOptions& optimizer) const {
    std::optional<MemoryPlan> best;
    double min_arithmetic = 0.0;
    for (int blocks = strips_are_free() ? 1 : 0; blocks < network_.block_count(); ++blocks) {
      for (const std::int64_t later_rows : kLaterBlockRows) {
        const MemoryPlan plan = plan_of(strips_in_first(blocks, later_rows), optimizer);
        if (plan.estimate.total() > limit_bytes_) continue;
        const double arithmetic = multiply_adds(plan.execution);
        if (best && arithmetic >= min_arithmetic) continue;
        best = plan;
        min_arithmetic = arithmetic;
      }
    }
    return best;
  }

  /// Returns the plan with the least memory.
  [[nodiscard]] MemoryPlan smallest(const OptimizerOptions& optimizer) const {
    return plan_of(strips_in_first(network_.block_count() - 1), optimizer);
  }

 private:
  [[nodiscard]] double multiply_adds(const ExecutionPlan& execution) const {
    return network_.execution_multiply_adds(size_.height_px, size_.width_px, execution);
  }

  /// Returns true if the first block runs in strips even where the whole image fits.
  [[nodiscard]] bool strips_are_free() const {
    if (!network_.device().is_cpu()) return false;
    if (std::int64_t{size_.width_px} * size_.height_px < kFreeStripsPixels) return false;
    if (network_.block_count() < 2) return false;
    return multiply_adds(strips_in_first(1)) <= kFreeArithmetic * multiply_adds({});
  }

  [[nodiscard]] MemoryPlan plan_of(const ExecutionPlan& execution,
                                   const OptimizerOptions& optimizer) const {
    const auto cut = static_cast<int>(execution.blocks.size());
    return {execution, optimizer,
            estimate_memory(network_, size_, loss_, execution, optimizer, extra_bytes_per_pixel_),
            summary_of(cut, asked_, optimizer)};
  }

  const FeatureNetwork& network_;
  Size size_;
  const LossOptions& loss_;
  const OptimizerOptions& asked_;
  std::int64_t limit_bytes_;
  std::int64_t extra_bytes_per_pixel_;
};

}  // namespace

MemoryPlan plan_memory(const FeatureNetwork& network, Size size, const LossOptions& loss,
                       const OptimizerOptions& optimizer, std::int64_t limit_bytes,
                       std::int64_t extra_bytes_per_pixel) {
  const PlanSearch search(network, size, loss, optimizer, limit_bytes, extra_bytes_per_pixel);
  OptimizerOptions given = optimizer;
  while (true) {
    if (const auto plan = search.cheapest(given)) return *plan;
    if (given.kind != OptimizerKind::kLbfgs || given.history <= kMinHistory) {
      return search.smallest(given);
    }
    given.history = std::max(kMinHistory, given.history * 3 / 4);
  }
}

ExecutionPlan plan_forward(const FeatureNetwork& network, Size size, std::int64_t limit_bytes) {
  // Without a backward pass strips cost only their halos, so only small images run whole.
  constexpr std::int64_t kMaxBytes = std::int64_t{1} << 29;
  ExecutionPlan whole;
  if (network.execution_bytes(size.height_px, size.width_px, whole) <=
      std::min(kMaxBytes, limit_bytes / 2)) {
    return whole;
  }
  return strips_in_first(network.block_count() - 1);
}

}  // namespace styletransfer
