// Layer 6: one pass: minimise the loss from a start picture.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
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

/// Where a pass stands between two steps: enough to go on as if it had never stopped.
struct PassState {
  /// Of the picture worked on, in pixels.
  std::int64_t height = 0;
  std::int64_t width = 0;
  MinimizeState search;
  double first_loss = 0.0;
  std::vector<LossTerm> last_terms;
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
  /// Where the pass ended: the next may go on from it (see carried_on).
  PassState reached;
};

/// The start of a pass that goes on with the same objective and optimiser from where another ended,
/// with all that its search learnt.
[[nodiscard]] PassState carried_on(PassState reached);

/// The state of a pass that starts from `start_rgb01` [h, w, 3] and has done nothing yet.
[[nodiscard]] PassState begin_pass(const at::Tensor& start_rgb01);

/// Minimises `objective` with `iterations` evaluations, those that `from` has done included, the
/// picture kept in range by construction. `watch` returns false to stop. Returns the best picture.
/// Takes the tensors of `from` over. `on_detail` is told how evaluations are run where that is not
/// as fast as it could be.
[[nodiscard]] PassResult run_pass(Objective& objective, PassState from, int iterations,
                                  const OptimizerOptions& optimizer,
                                  const std::function<bool(const PassStep&)>& watch,
                                  const StateKeeper<PassState>& keeper = {},
                                  const std::function<void(const std::string&)>& on_detail = {});

/// The same from a start picture.
[[nodiscard]] PassResult run_pass(Objective& objective, const at::Tensor& start_rgb01,
                                  int iterations, const OptimizerOptions& optimizer,
                                  const std::function<bool(const PassStep&)>& watch);

}  // namespace styletransfer
