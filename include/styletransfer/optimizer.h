// Layer 2: minimisers of a smooth function of one tensor. They know nothing of pictures.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/deferred_number.h"
#include "styletransfer/schedule.h"

namespace styletransfer {

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kLbfgs;
  /// L-BFGS: curvature pairs kept; each costs two vectors of the variable's size.
  int history = 20;
  /// L-BFGS: keep the pairs in bfloat16: half the memory and time.
  bool history_bfloat16 = true;
  /// L-BFGS: what the pairs do not tell about is scaled by the newest one's s.y / y.y times this.
  /// s.y / y.y is the least of the scales that fit a pair, and too small for a loss of pictures.
  double initial_scale = 1.5;
  /// L-BFGS: root mean square of the very first step, before any curvature is known.
  double first_step = 0.2;
  /// L-BFGS: largest root mean square of any later step. A model of the curvature that asks for
  /// more is not to be trusted that far.
  double longest_step = 1.0;
  /// Adam: step size.
  double learning_rate = 0.15;

  /// Throws UsageError naming field, value and bound.
  void validate() const;
};

/// Everything a stepper has learnt, by name. The tensors are the stepper's own memory: they hold
/// until its next step.
struct StepperState {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, double> numbers;
};

/// Proposes steps from values and gradients: the caller evaluates, the stepper moves.
class Stepper {
 public:
  virtual ~Stepper() = default;
  /// A step in two halves, between which the caller waits for the device. The first takes the
  /// gradient [n] at the point where the last step led to, whose memory is the stepper's from then
  /// on, and returns what the second needs to know of it; undefined: nothing.
  [[nodiscard]] virtual at::Tensor observe(at::Tensor gradient) = 0;
  /// The second half: moves `x` [n] in place, of the gradient's device and dtype. observed: the
  /// elements of what observe() returned. Left out where no step is to be taken from there.
  virtual void move(at::Tensor& x, const std::vector<double>& observed) = 0;
  /// Both halves.
  void step(at::Tensor& x, at::Tensor gradient) {
    const at::Tensor observed = observe(std::move(gradient));
    move(x, read_together({}, observed));
  }
  /// Forgets everything learnt; the next step is scaled by `caution` (0..1) until it has learnt
  /// again.
  virtual void restart(double caution) = 0;

  [[nodiscard]] virtual StepperState state() const = 0;
  /// Goes on as the stepper would have that gave this state (of the same kind and options; `x`: the
  /// variable as step() will get it). Takes the tensors over.
  virtual void resume(StepperState state, const at::Tensor& x) = 0;
};

/// A guess of the inverse of a function's curvature, up to a factor: a symmetric, positive definite
/// map of a gradient [n], written into the second argument [n]. Empty: the identity.
using Preconditioner = std::function<void(const at::Tensor& gradient, at::Tensor& result)>;

/// L-BFGS without line search (one evaluation a step).
/// Source: Nocedal 1980; inner products kept as a matrix over the stacked history, so that a step
/// costs two matrix-vector products (Chen, Wang, Zhou 2014, "Large-scale L-BFGS using MapReduce").
/// Departs: a step's length is bounded (OptimizerOptions::longest_step), a pair is kept only
/// when its curvature s.y is clearly positive, and the recursion's initial matrix is the
/// preconditioner, scaled (OptimizerOptions::initial_scale). What it costs is one call a step: in
/// place of y the history holds the preconditioner times y.
[[nodiscard]] std::unique_ptr<Stepper> make_lbfgs(const OptimizerOptions& options,
                                                  Preconditioner preconditioner = {});

/// Adam, betas 0.9 and 0.99, with bias correction. Source: Kingma, Ba 2015.
[[nodiscard]] std::unique_ptr<Stepper> make_adam(const OptimizerOptions& options);

/// Value and gradient of the function at x; the gradient [n] is written into the second argument,
/// or a tensor of its own put in its place.
using Function = std::function<DeferredNumber(const at::Tensor& x, at::Tensor& gradient)>;

struct IterationSummary {
  int iteration = 0;  // from 1
  double value = 0.0;
  double best_value = 0.0;
};

/// Where a search stands between two iterations: enough to go on as if it had never stopped.
struct MinimizeState {
  /// Evaluations done.
  int iterations = 0;
  /// The next point to evaluate, [n].
  at::Tensor x;
  /// The best point so far and its value; undefined before the first sound evaluation.
  at::Tensor best_x;
  double best_value = 0.0;
  int rescues = 0;
  int rescues_in_a_row = 0;
  StepperState stepper;
};

/// Someone who keeps states of a search. A state is made only when it is wanted, and shares the
/// search's memory: it holds until `keep` returns.
template <typename State>
struct StateKeeper {
  /// Asked after every step, the one that `watch` ended the search with included.
  std::function<bool()> is_wanted;
  std::function<void(const State&)> keep;
};

enum class MinimizeEnding { kFinished, kStopped, kDiverged, kStationary };

struct MinimizeResult {
  /// The best point evaluated, [n], and its value.
  at::Tensor x;
  double value = 0.0;
  int evaluations = 0;
  /// Times a non-finite value or a jump sent the search back to its best point.
  int rescues = 0;
  MinimizeEnding ending = MinimizeEnding::kFinished;
  /// Where the search stands: another may go on from it (see carried_on).
  MinimizeState reached;
};

/// The start of a search that goes on with the same function from where another ended, with all
/// that it learnt. Its evaluations are counted anew.
[[nodiscard]] MinimizeState carried_on(MinimizeState reached);

/// Minimises a function with no negative values from `start`, with at most `iterations`
/// evaluations. A value or gradient that is not finite, or a value ten times the best one, sends
/// the search back to the best point with everything learnt forgotten and a shorter step. After
/// several such rescues in a row it gives up: kDiverged when values were not finite, kStationary
/// when nothing near the best point is better. A gradient of exactly zero ends at once
/// (kStationary). `watch` sees every sound evaluation and returns false to stop.
[[nodiscard]] MinimizeResult minimize(const Function& function, const at::Tensor& start,
                                      int iterations, const OptimizerOptions& options,
                                      const std::function<bool(const IterationSummary&)>& watch);

/// The same from a state that a StateKeeper was given, or from a point that has not been evaluated
/// (`from.x` alone set). `iterations` counts those done before. Takes the state's tensors over.
/// `preconditioner` is for L-BFGS; Adam finds a scale for each element itself. A search that goes
/// on needs the one that it began with.
[[nodiscard]] MinimizeResult minimize(const Function& function, MinimizeState from, int iterations,
                                      const OptimizerOptions& options,
                                      const std::function<bool(const IterationSummary&)>& watch,
                                      const StateKeeper<MinimizeState>& keeper = {},
                                      Preconditioner preconditioner = {});

}  // namespace styletransfer
