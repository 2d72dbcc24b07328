// Memory plan of a pass: the execution plan and the optimizer's history, chosen to fit the limit.
#pragma once

#include <cstdint>
#include <string>

#include "optim/optimizer.h"
#include "styletransfer/image.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/memory_estimate.h"
#include "vgg/features.h"

namespace styletransfer {

struct MemoryPlan {
  ExecutionPlan execution;
  OptimizerOptions optimizer;
  MemoryEstimate estimate;
  /// Readable: "whole image", "stages 1-2 in strips".
  std::string summary;
};

/// `extra_bytes_per_pixel`: memory for masks.
[[nodiscard]] MemoryEstimate estimate_memory(const FeatureNetwork& network, Size size,
                                             const LossOptions& loss,
                                             const ExecutionPlan& execution,
                                             const OptimizerOptions& optimizer,
                                             std::int64_t extra_bytes_per_pixel = 0);

/// Returns the plan with the least arithmetic that takes at most `limit_bytes`: the whole image,
/// or, on the CPU from 2/3 of a megapixel on, where that costs no time, the first block in strips;
/// otherwise more blocks in strips, as high as fits, which recompute the compared features in the
/// backward pass. Shortens the history only when no plan fits. When nothing fits, returns the
/// smallest plan: compare its estimate with the limit.
[[nodiscard]] MemoryPlan plan_memory(const FeatureNetwork& network, Size size,
                                     const LossOptions& loss, const OptimizerOptions& optimizer,
                                     std::int64_t limit_bytes,
                                     std::int64_t extra_bytes_per_pixel = 0);

/// Returns the plan for a forward pass alone (targets): strips above about a megapixel.
[[nodiscard]] ExecutionPlan plan_forward(const FeatureNetwork& network, Size size,
                                         std::int64_t limit_bytes);

}  // namespace styletransfer
