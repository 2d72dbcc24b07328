// Minimizers of a smooth function of one tensor: L-BFGS and Adam. Independent of images.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/deferred_number.h"
#include "styletransfer/optimizer_options.h"
#include "styletransfer/stop_reason.h"

namespace styletransfer {

/// Complete state of a step rule, by name. The tensors share the step rule's memory: they are valid
/// until its next step.
struct StepRuleState {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, double> numbers;
};

/// Proposes steps from gradients: the caller evaluates the function, the step rule moves the point.
class StepRule {
 public:
  virtual ~StepRule() = default;
  /// First half of a step; the caller synchronizes with the device between the halves. Takes the
  /// gradient [n] at the current point, whose memory belongs to the step rule from then on. Returns
  /// the numbers that move() needs; undefined if there are none.
  [[nodiscard]] virtual at::Tensor observe(at::Tensor gradient) = 0;
  /// Second half: moves `x` [n] in place; same device and dtype as the gradient. `observed`: the
  /// elements of what observe() returned. Not called if no step is to be taken from this point.
  virtual void move(at::Tensor& x, const std::vector<double>& observed) = 0;
  /// Both halves.
  void step(at::Tensor& x, at::Tensor gradient) {
    const at::Tensor observed = observe(std::move(gradient));
    move(x, read_together({}, observed));
  }
  /// Resets the state; the next step is scaled by `damping` (0..1) until curvature is known again.
  virtual void restart(double damping) = 0;

  [[nodiscard]] virtual StepRuleState state() const = 0;
  /// Restores the state of a step rule of the same kind and options, with bit-identical
  /// continuation. `x`: the variable that step() will receive. Takes the tensors over.
  virtual void resume(StepRuleState state, const at::Tensor& x) = 0;
};

/// Approximate inverse Hessian of a function, up to a factor: a symmetric, positive definite linear
/// map of a gradient [n], written into the second argument [n]. Empty: the identity.
using Preconditioner = std::function<void(const at::Tensor& gradient, at::Tensor& result)>;

/// L-BFGS without line search (one evaluation per step). Source: Nocedal 1980; inner products
/// stored as a matrix over the stacked history, so that a step costs two matrix-vector products
/// (Chen, Wang, Zhou 2014, "Large-scale L-BFGS using MapReduce"). Departs: a step's length is
/// bounded (OptimizerOptions::longest_step), a pair is accepted only when its curvature s.y is
/// clearly positive, and the recursion's initial matrix is the preconditioner, scaled
/// (OptimizerOptions::initial_scale). The preconditioner costs one call per step: the history holds
/// the preconditioner times y instead of y.
[[nodiscard]] std::unique_ptr<StepRule> make_lbfgs(const OptimizerOptions& options,
                                                   Preconditioner preconditioner = {});

/// Adam, betas 0.9 and 0.99, with bias correction. Source: Kingma, Ba 2015.
[[nodiscard]] std::unique_ptr<StepRule> make_adam(const OptimizerOptions& options);

/// Value and gradient of the function at x. The gradient [n] is written into the second argument,
/// which may be replaced by another tensor.
using Function = std::function<DeferredNumber(const at::Tensor& x, at::Tensor& gradient)>;

struct IterationSummary {
  int iteration = 0;  // from 1
  double value = 0.0;
  double best_value = 0.0;
};

/// State of a search between two iterations; complete enough to resume as if it had never stopped.
struct MinimizeState {
  /// Evaluations so far.
  int iterations = 0;
  /// The next point to evaluate, [n].
  at::Tensor x;
  /// The best point so far and its value; undefined before the first finite evaluation.
  at::Tensor best_x;
  double best_value = 0.0;
  int restarts = 0;
  int restarts_in_a_row = 0;
  StepRuleState step_rule;
};

/// Checkpoint callback of a search. A state is made only on request and shares the search's memory:
/// it is valid until `store` returns.
template <typename State>
struct CheckpointCallback {
  /// Called after every step, including the one at which `watch` ended the search.
  std::function<bool()> is_wanted;
  std::function<void(const State&)> store;
};

struct MinimizeResult {
  /// The best point evaluated, [n], and its value.
  at::Tensor x;
  double value = 0.0;
  int evaluations = 0;
  /// Number of times that a non-finite value or a jump sent the search back to its best point.
  int restarts = 0;
  /// kFinished, kInterrupted (`watch` stopped it), kDiverged or kStationary.
  StopReason stop_reason = StopReason::kFinished;
  /// Final state of the search, for warm_start.
  MinimizeState final_state;
};

/// Start of a search of the same function from another's final state, with all its curvature
/// information. Evaluations are counted from 0.
[[nodiscard]] MinimizeState warm_start(MinimizeState final_state);

/// Minimizes a nonnegative function from `start` with at most `iterations` evaluations. A
/// non-finite value or gradient, or a value ten times the best one, restarts the search from the
/// best point with an empty history and a shorter step. After several restarts in a row it gives
/// up: kDiverged when values were not finite, kStationary when nothing near the best point is
/// better. A gradient of exactly zero ends the search at once (kStationary). `watch` is called
/// after every valid evaluation and returns false to stop.
[[nodiscard]] MinimizeResult minimize(const Function& function, const at::Tensor& start,
                                      int iterations, const OptimizerOptions& options,
                                      const std::function<bool(const IterationSummary&)>& watch);

/// Minimizes from a state that a CheckpointCallback received, or from a point that has not been
/// evaluated (only `from.x` set). `iterations` includes those done before. Takes the state's
/// tensors over. `preconditioner` is for L-BFGS (Adam finds a scale for each element itself) and
/// must be the same when a search is resumed.
[[nodiscard]] MinimizeResult minimize(const Function& function, MinimizeState from, int iterations,
                                      const OptimizerOptions& options,
                                      const std::function<bool(const IterationSummary&)>& watch,
                                      const CheckpointCallback<MinimizeState>& on_checkpoint = {},
                                      Preconditioner preconditioner = {});

}  // namespace styletransfer
