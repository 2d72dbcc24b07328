#include "styletransfer/memory_plan.h"

#include <algorithm>

namespace styletransfer {
namespace {

// Strip heights, in rows of a stage's own resolution. Measured: at 128 rows the halo and the
// second computation cost what better use of the caches gains; a strip of deeper stages has a
// halo twice as high, and fewer, longer rows.
constexpr std::int64_t kFirstStageRows = 128;
constexpr std::int64_t kLaterStageRows = 64;
constexpr int kLeastHistory = 3;
constexpr std::int64_t kFloatBytes = 4;

SweepPlan strips_in_first(int stages) {
  SweepPlan plan;
  for (int stage = 0; stage < stages; ++stage) {
    plan.stages.push_back({stage == 0 ? kFirstStageRows : kLaterStageRows, false});
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

}  // namespace

MemoryEstimate estimate_memory(const FeatureNetwork& network, Size size, const LossOptions& loss,
                               const SweepPlan& sweep, const OptimizerOptions& optimizer) {
  const std::int64_t pixels = std::int64_t{size.width_px} * size.height_px;
  const std::int64_t vector = pixels * 3 * kFloatBytes;
  MemoryEstimate estimate;
  estimate.sweep_bytes = network.sweep_bytes(size.height_px, size.width_px, sweep);
  // Content and start picture, the variable's pixels.
  estimate.picture_bytes = 3 * vector;
  for (const std::string& layer : loss.content_layers) {
    estimate.picture_bytes += network.output_bytes(layer, size.height_px, size.width_px);
  }
  // Variable, gradient, best point, the objective's own gradient, one passing result.
  estimate.optimizer_bytes = 5 * vector;
  if (optimizer.kind == OptimizerKind::kAdam) {
    estimate.optimizer_bytes += 3 * vector;
  } else {
    const std::int64_t pair = optimizer.history_bfloat16 ? vector : 2 * vector;
    estimate.optimizer_bytes += 2 * vector + optimizer.history * pair;
  }
  return estimate;
}

MemoryPlan plan_memory(const FeatureNetwork& network, Size size, const LossOptions& loss,
                       const OptimizerOptions& optimizer, std::int64_t limit_bytes) {
  MemoryPlan plan;
  plan.optimizer = optimizer;
  const auto fits = [&](int strip_stages) {
    plan.sweep = strips_in_first(strip_stages);
    plan.estimate = estimate_memory(network, size, loss, plan.sweep, plan.optimizer);
    plan.words = in_words(strip_stages, optimizer, plan.optimizer);
    return plan.estimate.total() <= limit_bytes;
  };
  const int last = network.stage_count() - 1;
  for (int strip_stages = 0; strip_stages <= last; ++strip_stages) {
    if (fits(strip_stages)) return plan;
  }
  while (plan.optimizer.kind == OptimizerKind::kLbfgs && plan.optimizer.history > kLeastHistory) {
    plan.optimizer.history = std::max(kLeastHistory, plan.optimizer.history * 3 / 4);
    if (fits(last)) return plan;
  }
  return plan;
}

SweepPlan plan_look(const FeatureNetwork& network, Size size, std::int64_t limit_bytes) {
  SweepPlan whole;
  if (network.sweep_bytes(size.height_px, size.width_px, whole) <= limit_bytes / 2) return whole;
  return strips_in_first(network.stage_count() - 1);
}

}  // namespace styletransfer
