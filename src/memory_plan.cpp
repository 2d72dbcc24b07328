#include "styletransfer/memory_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "detail/projection_counts.h"

namespace styletransfer {
namespace {

// Strip heights, in rows of a stage's own resolution. The first stage: at 128 rows the halo and the
// second computation cost what better use of the caches gains. Deeper stages have a halo twice as
// high and few bytes in a row, so higher strips pay where there is memory for them.
constexpr std::int64_t kFirstStageRows = 128;
constexpr std::array<std::int64_t, 3> kLaterStageRows{64, 128, 256};
// On the CPU, from 2/3 of a megapixel on, strips in the first stage take as long as the whole
// picture, where hardly any arithmetic is done twice (docs/manual.md, Memory). On a GPU each strip
// costs kernels of its own.
constexpr std::int64_t kFreeStripsPixels = 640 * 1024;
constexpr double kFreeArithmetic = 1.02;
constexpr int kLeastHistory = 3;
constexpr std::int64_t kFloatBytes = 4;
// Between two sweeps a GPU has at most so many results of the size of the picture at a time.
constexpr std::int64_t kDeviceWorkVectors = 6;
// Single numbers, filters and small matrices, each in a block of its own.
constexpr std::int64_t kDeviceSmallBytes = 64 << 10;

SweepPlan strips_in_first(int stages, std::int64_t later_rows = kLaterStageRows.front()) {
  SweepPlan plan;
  for (int stage = 0; stage < stages; ++stage) {
    plan.stages.push_back({stage == 0 ? kFirstStageRows : later_rows, false});
  }
  return plan;
}

std::string in_words(int strip_stages, const OptimizerOptions& asked,
                     const OptimizerOptions& given) {
  std::string words = strip_stages == 0 ? "whole picture"
                      : strip_stages == 1
                          ? "stage 1 in strips"
                          : "stages 1-" + std::to_string(strip_stages) + " in strips";
  if (given.kind == OptimizerKind::kLbfgs && given.history < asked.history) {
    words += ", history " + std::to_string(given.history);
  }
  return words;
}

/// Matrices of the style's statistics on a device: of each layer its sum and the factor of its
/// gradient, and what turns one into the other, a layer after the other.
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

/// What comparing distributions on a device takes beside the sweep that shows the features: an
/// upper bound where that goes in strips.
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
                               const SweepPlan& sweep, const OptimizerOptions& optimizer,
                               std::int64_t more_bytes_a_pixel) {
  const std::int64_t pixels = std::int64_t{size.width_px} * size.height_px;
  const std::int64_t vector = pixels * 3 * kFloatBytes;
  MemoryEstimate estimate;
  estimate.sweep_bytes = network.sweep_bytes(size.height_px, size.width_px, sweep);
  // The variable's pixels.
  estimate.picture_bytes = vector + pixels * more_bytes_a_pixel;
  for (const std::string& layer : loss.content_layers) {
    estimate.picture_bytes += network.output_bytes(layer, size.height_px, size.width_px);
  }
  if (!network.device().is_cpu()) {
    estimate.sweep_bytes = std::max(estimate.sweep_bytes, kDeviceWorkVectors * vector);
    estimate.sweep_bytes += device_statistic_bytes(network, size, loss);
    if (loss.style_loss == StyleLossKind::kSlicedWasserstein) {
      estimate.sweep_bytes += device_projection_bytes(network, size, loss);
    }
    // Variable, gradient, best point; and the direction, the last gradient and that preconditioned,
    // or the two means.
    const std::int64_t own = optimizer.kind == OptimizerKind::kAdam ? 2 : 3 + 2 * optimizer.history;
    estimate.optimizer_bytes = (3 + own) * vector + kDeviceSmallBytes;
    return estimate;
  }
  // Variable, gradient, best point, the objective's own gradient, one passing result.
  estimate.optimizer_bytes = 5 * vector;
  if (optimizer.kind == OptimizerKind::kAdam) {
    estimate.optimizer_bytes += 3 * vector;
  } else {
    const std::int64_t pair = optimizer.history_bfloat16 ? vector : 2 * vector;
    // Direction, the last gradient, that gradient preconditioned, and a pyramid of 2 (1/4 + 1/16 +
    // 1/64).
    estimate.optimizer_bytes += 11 * vector / 3 + optimizer.history * pair;
  }
  return estimate;
}

namespace {

/// Plans of one pass, all with the same history.
class PlanSearch {
 public:
  PlanSearch(const FeatureNetwork& network, Size size, const LossOptions& loss,
             const OptimizerOptions& asked, std::int64_t limit_bytes,
             std::int64_t more_bytes_a_pixel)
      : network_(network),
        size_(size),
        loss_(loss),
        asked_(asked),
        limit_bytes_(limit_bytes),
        more_bytes_a_pixel_(more_bytes_a_pixel) {}

  /// The one with the least arithmetic that fits, where strips are not free; nothing when none
  /// does.
  [[nodiscard]] std::optional<MemoryPlan> cheapest(const OptimizerOptions& optimizer) const {
    std::optional<MemoryPlan> best;
    double least = 0.0;
    for (int stages = strips_are_free() ? 1 : 0; stages < network_.stage_count(); ++stages) {
      for (const std::int64_t later_rows : kLaterStageRows) {
        const MemoryPlan plan = plan_of(strips_in_first(stages, later_rows), optimizer);
        if (plan.estimate.total() > limit_bytes_) continue;
        const double arithmetic = multiply_adds(plan.sweep);
        if (best && arithmetic >= least) continue;
        best = plan;
        least = arithmetic;
      }
    }
    return best;
  }

  /// As small as it gets.
  [[nodiscard]] MemoryPlan smallest(const OptimizerOptions& optimizer) const {
    return plan_of(strips_in_first(network_.stage_count() - 1), optimizer);
  }

 private:
  [[nodiscard]] double multiply_adds(const SweepPlan& sweep) const {
    return network_.sweep_multiply_adds(size_.height_px, size_.width_px, sweep);
  }

  /// Whether the first stage goes in strips even where the whole picture fits.
  [[nodiscard]] bool strips_are_free() const {
    if (!network_.device().is_cpu()) return false;
    if (std::int64_t{size_.width_px} * size_.height_px < kFreeStripsPixels) return false;
    if (network_.stage_count() < 2) return false;
    return multiply_adds(strips_in_first(1)) <= kFreeArithmetic * multiply_adds({});
  }

  [[nodiscard]] MemoryPlan plan_of(const SweepPlan& sweep,
                                   const OptimizerOptions& optimizer) const {
    const auto cut = static_cast<int>(sweep.stages.size());
    return {sweep, optimizer,
            estimate_memory(network_, size_, loss_, sweep, optimizer, more_bytes_a_pixel_),
            in_words(cut, asked_, optimizer)};
  }

  const FeatureNetwork& network_;
  Size size_;
  const LossOptions& loss_;
  const OptimizerOptions& asked_;
  std::int64_t limit_bytes_;
  std::int64_t more_bytes_a_pixel_;
};

}  // namespace

MemoryPlan plan_memory(const FeatureNetwork& network, Size size, const LossOptions& loss,
                       const OptimizerOptions& optimizer, std::int64_t limit_bytes,
                       std::int64_t more_bytes_a_pixel) {
  const PlanSearch search(network, size, loss, optimizer, limit_bytes, more_bytes_a_pixel);
  OptimizerOptions given = optimizer;
  while (true) {
    if (const auto plan = search.cheapest(given)) return *plan;
    if (given.kind != OptimizerKind::kLbfgs || given.history <= kLeastHistory) {
      return search.smallest(given);
    }
    given.history = std::max(kLeastHistory, given.history * 3 / 4);
  }
}

SweepPlan plan_look(const FeatureNetwork& network, Size size, std::int64_t limit_bytes) {
  // Without a backward sweep strips cost their halos alone, so only small pictures go whole.
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 29;
  SweepPlan whole;
  if (network.sweep_bytes(size.height_px, size.width_px, whole) <=
      std::min(kMostBytes, limit_bytes / 2)) {
    return whole;
  }
  return strips_in_first(network.stage_count() - 1);
}

}  // namespace styletransfer
