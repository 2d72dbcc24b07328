// Layer 6: one pass: minimise the loss from a start picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "styletransfer/objective.h"
#include "styletransfer/optimizer.h"

namespace styletransfer {

struct PassStep {
  int iteration = 0;  // from 1
  double loss = 0.0;
  const std::vector<LossTerm>* terms = nullptr;
  /// The picture this loss belongs to: [h, w, 3], on the run's device.
  const at::Tensor* picture_rgb01 = nullptr;
};

struct PassResult {
  /// [h, w, 3] float32 in 0..1 (to half an 8-bit level), on the run's device.
  at::Tensor picture_rgb01;
  MinimizeEnding ending = MinimizeEnding::kFinished;
  int evaluations = 0;
  int rescues = 0;
  double first_loss = 0.0;
  double last_loss = 0.0;
  std::vector<LossTerm> last_terms;
};

/// Minimises `objective` from `start_rgb01` [h, w, 3] with `iterations` evaluations, the picture
/// kept in range by construction. `watch` returns false to stop. Returns the best picture.
[[nodiscard]] PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01,
                                  int iterations, const OptimizerOptions& optimizer,
                                  const std::function<bool(const PassStep&)>& watch);

}  // namespace styletransfer
