#include "styletransfer/optimizer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// A value this many times the best one (both measured from zero: losses are sums of squares) is a
// jump that a quadratic model did not foresee.
constexpr double kJump = 10.0;
constexpr int kMostRescuesInARow = 8;
// The first step after a rescue, in lengths of an ordinary first step; its power after several.
constexpr double kCaution = 0.25;

std::unique_ptr<Stepper> make_stepper(const OptimizerOptions& options,
                                      Preconditioner preconditioner) {
  if (options.kind == OptimizerKind::kAdam) return make_adam(options);
  return make_lbfgs(options, std::move(preconditioner));
}

void require(bool holds, const std::string& field, double value, const std::string& bound) {
  if (holds) return;
  throw UsageError(field + " is " + std::to_string(value) + "; it must be " + bound);
}

using Watch = std::function<bool(const IterationSummary&)>;

/// minimize(), with what it keeps from one iteration to the next.
class Search {
 public:
  Search(MinimizeState from, int iterations, const OptimizerOptions& options,
         Preconditioner preconditioner)
      : state_(std::move(from)),
        iterations_(iterations),
        stepper_(make_stepper(options, std::move(preconditioner))) {
    if (!state_.stepper.numbers.empty()) stepper_->resume(std::move(state_.stepper), state_.x);
    state_.stepper = {};
  }

  MinimizeResult run(const Function& function, const Watch& watch,
                     const StateKeeper<MinimizeState>& keeper) {
    while (state_.iterations < iterations_) {
      if (!evaluate(function)) {
        if (rescue()) continue;
        // Finite values all the way down to tiny steps: nothing near the best point is better.
        return result(is_sound() ? MinimizeEnding::kStationary : MinimizeEnding::kDiverged);
      }
      take_best();
      const bool goes_on = watch({state_.iterations, value_, state_.best_value});
      if (slope_ != 0.0 && state_.iterations < iterations_) stepper_->move(state_.x, observed_);
      if (keeper.is_wanted && keeper.is_wanted()) show(keeper);
      if (!goes_on) return result(MinimizeEnding::kStopped);
      if (slope_ == 0.0) return result(MinimizeEnding::kStationary);
    }
    return result(MinimizeEnding::kFinished);
  }

 private:
  [[nodiscard]] bool has_best() const { return state_.best_x.defined(); }
  [[nodiscard]] bool is_sound() const { return std::isfinite(value_) && std::isfinite(slope_); }
  [[nodiscard]] bool is_acceptable(double value) const {
    return std::isfinite(value) && !(has_best() && value > kJump * state_.best_value);
  }

  /// False when the value is not sound or jumped. Waits for the device once: what the next step
  /// needs to know is read along with the value.
  bool evaluate(const Function& function) {
    at::Tensor gradient = at::empty_like(state_.x);
    const DeferredNumber value = function(state_.x, gradient);
    ++state_.iterations;
    const DeferredNumber slope(gradient.norm());
    const bool may_step =
        state_.iterations < iterations_ && !(value.is_known() && !is_acceptable(value.get()));
    observed_ = read_together({value, slope},
                              may_step ? stepper_->observe(std::move(gradient)) : at::Tensor());
    value_ = value.get();
    slope_ = std::isfinite(value_) ? slope.get() : value_;
    return is_sound() && is_acceptable(value_);
  }

  /// The next evaluation is the best point's again, from which a shorter step is taken. False when
  /// that has been tried often enough.
  bool rescue() {
    if (!has_best() || ++state_.rescues_in_a_row > kMostRescuesInARow) return false;
    ++state_.rescues;
    state_.x.copy_(state_.best_x);
    stepper_->restart(std::pow(kCaution, state_.rescues_in_a_row));
    return true;
  }

  void take_best() {
    if (has_best() && !(value_ < state_.best_value)) return;
    if (!has_best()) state_.best_x = at::empty_like(state_.x);
    state_.best_value = value_;
    state_.best_x.copy_(state_.x);
    state_.rescues_in_a_row = 0;
  }

  void show(const StateKeeper<MinimizeState>& keeper) {
    state_.stepper = stepper_->state();
    keeper.keep(state_);
    state_.stepper = {};
  }

  [[nodiscard]] MinimizeResult result(MinimizeEnding ending) {
    MinimizeResult result;
    result.x = has_best() ? state_.best_x : state_.x;
    result.value = state_.best_value;
    result.evaluations = state_.iterations;
    result.rescues = state_.rescues;
    result.ending = ending;
    state_.stepper = stepper_->state();
    result.reached = std::move(state_);
    return result;
  }

  MinimizeState state_;
  int iterations_;
  std::unique_ptr<Stepper> stepper_;
  std::vector<double> observed_;  // what the stepper asked for
  double value_ = 0.0;
  double slope_ = 0.0;
};

}  // namespace

void OptimizerOptions::validate() const {
  require(history >= 1 && history <= 200, "history", history, "from 1 to 200");
  require(initial_scale > 0.0, "initial_scale", initial_scale, "positive");
  require(first_step > 0.0, "first_step", first_step, "positive");
  require(longest_step > 0.0, "longest_step", longest_step, "positive");
  require(learning_rate > 0.0 && learning_rate <= 10.0, "learning_rate", learning_rate,
          "above 0 and at most 10");
}

MinimizeState carried_on(MinimizeState reached) {
  reached.iterations = 0;
  reached.rescues = 0;
  reached.rescues_in_a_row = 0;
  return reached;
}

MinimizeResult minimize(const Function& function, const at::Tensor& start, int iterations,
                        const OptimizerOptions& options,
                        const std::function<bool(const IterationSummary&)>& watch) {
  MinimizeState from;
  from.x = start.clone();
  return minimize(function, std::move(from), iterations, options, watch);
}

MinimizeResult minimize(const Function& function, MinimizeState from, int iterations,
                        const OptimizerOptions& options,
                        const std::function<bool(const IterationSummary&)>& watch,
                        const StateKeeper<MinimizeState>& keeper, Preconditioner preconditioner) {
  return Search(std::move(from), iterations, options, std::move(preconditioner))
      .run(function, watch, keeper);
}

}  // namespace styletransfer
