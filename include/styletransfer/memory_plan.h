// Layer 5: how a pass is made to fit into memory: the sweep plan and the optimiser's history.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/features.h"
#include "styletransfer/image.h"
#include "styletransfer/losses.h"
#include "styletransfer/optimizer.h"

namespace styletransfer {

/// What a pass is expected to take, beyond what the process holds already.
struct MemoryEstimate {
  /// Both sweeps through the network.
  std::int64_t sweep_bytes = 0;
  /// Content features, the picture, masks.
  std::int64_t picture_bytes = 0;
  /// The optimiser's vectors.
  std::int64_t optimizer_bytes = 0;

  [[nodiscard]] std::int64_t total() const { return sweep_bytes + picture_bytes + optimizer_bytes; }
};

struct MemoryPlan {
  SweepPlan sweep;
  OptimizerOptions optimizer;
  MemoryEstimate estimate;
  /// For people: "whole picture", "stages 1-2 in strips".
  std::string words;
};

/// `more_bytes_a_pixel`: what masks take.
[[nodiscard]] MemoryEstimate estimate_memory(const FeatureNetwork& network, Size size,
                                             const LossOptions& loss, const SweepPlan& sweep,
                                             const OptimizerOptions& optimizer,
                                             std::int64_t more_bytes_a_pixel = 0);

/// The plan with the least arithmetic that takes at most `limit_bytes`: the whole picture, or on
/// the CPU from 2/3 of a megapixel on, where that costs no time, the first stage in strips; else
/// more stages in strips, as high as fits, which compute compared features again in the backward
/// sweep. Only when none fits, a shorter history. When nothing fits, the smallest plan is returned:
/// compare its estimate with the limit.
[[nodiscard]] MemoryPlan plan_memory(const FeatureNetwork& network, Size size,
                                     const LossOptions& loss, const OptimizerOptions& optimizer,
                                     std::int64_t limit_bytes, std::int64_t more_bytes_a_pixel = 0);

/// The plan for looking at a picture without differentiating (targets): strips from about
/// a megapixel on.
[[nodiscard]] SweepPlan plan_look(const FeatureNetwork& network, Size size,
                                  std::int64_t limit_bytes);

}  // namespace styletransfer
