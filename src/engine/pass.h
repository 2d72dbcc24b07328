// One pass: minimizes the loss from a start image.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "loss/objective.h"
#include "optim/optimizer.h"
#include "styletransfer/progress.h"

namespace styletransfer {

struct PassStep {
  int iteration = 0;  // from 1
  double loss = 0.0;
  const std::vector<LossTerm>* terms = nullptr;
  /// The image that this loss belongs to: [h, w, 3], on the run's device.
  const at::Tensor* image_rgb01 = nullptr;
};

/// State of a pass between two iterations; complete enough to resume as if it had never stopped.
struct PassState {
  /// Size of the optimized image, margin included, in pixels.
  std::int64_t height = 0;
  std::int64_t width = 0;
  MinimizeState search;
  double first_loss = 0.0;
  std::vector<LossTerm> last_terms;
};

struct PassResult {
  /// [h, w, 3] float32 in 0..1 (to half an 8-bit level), on the run's device.
  at::Tensor image_rgb01;
  StopReason stop_reason = StopReason::kFinished;
  int evaluations = 0;
  int restarts = 0;
  double first_loss = 0.0;
  double last_loss = 0.0;
  std::vector<LossTerm> last_terms;
  /// Final state of the pass, for warm_start.
  PassState final_state;
};

/// Start of a pass with the same objective and optimizer from another's final state, with all its
/// curvature information.
[[nodiscard]] PassState warm_start(PassState final_state);

/// Initial state of a pass that starts from `start_rgb01` [h, w, 3].
[[nodiscard]] PassState begin_pass(const at::Tensor& start_rgb01);

/// Minimizes `objective` with `iterations` evaluations, including those done by `from`; the image
/// is kept in range by reparametrization. `watch` returns false to stop. Returns the best image.
/// Takes over the tensors of `from`. `on_detail` receives a line if evaluations run slower than
/// they could.
[[nodiscard]] PassResult run_pass(Objective& objective, PassState from, int iterations,
                                  const OptimizerOptions& optimizer,
                                  const std::function<bool(const PassStep&)>& watch,
                                  const CheckpointCallback<PassState>& on_checkpoint = {},
                                  const std::function<void(const std::string&)>& on_detail = {});

/// The same from a start image.
[[nodiscard]] PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01,
                                  int iterations, const OptimizerOptions& optimizer,
                                  const std::function<bool(const PassStep&)>& watch);

}  // namespace styletransfer
