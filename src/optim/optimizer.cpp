#include "optim/optimizer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// A value this many times the best one is a jump that the quadratic model did not predict (losses
// are sums of squares, so the ratio is meaningful).
constexpr double kJump = 10.0;
constexpr int kMaxRestartsInARow = 8;
// Scale of the first step after a restart, relative to an ordinary first step; raised to the number
// of restarts in a row.
constexpr double kDamping = 0.25;

std::unique_ptr<StepRule> make_step_rule(const OptimizerOptions& options,
                                         Preconditioner preconditioner) {
  if (options.kind == OptimizerKind::kAdam) return make_adam(options);
  return make_lbfgs(options, std::move(preconditioner));
}

void require_positive(const char* field, double value) {
  if (!(value > 0.0)) throw OptionError(field, number_text(value), "must be positive");
}

using Watch = std::function<bool(const IterationSummary&)>;

/// State and loop of minimize().
class Search {
 public:
  Search(MinimizeState from, int iterations, const OptimizerOptions& options,
         Preconditioner preconditioner)
      : state_(std::move(from)),
        iterations_(iterations),
        step_rule_(make_step_rule(options, std::move(preconditioner))) {
    if (!state_.step_rule.numbers.empty())
      step_rule_->resume(std::move(state_.step_rule), state_.x);
    state_.step_rule = {};
  }

  MinimizeResult run(const Function& function, const Watch& watch,
                     const CheckpointCallback<MinimizeState>& on_checkpoint) {
    while (state_.iterations < iterations_) {
      if (!evaluate(function)) {
        if (restart_from_best()) continue;
        // Values were finite even for tiny steps: nothing near the best point is better.
        return result(is_valid() ? StopReason::kStationary : StopReason::kDiverged);
      }
      take_best();
      const bool should_continue = watch({state_.iterations, value_, state_.best_value});
      if (gradient_norm_ != 0.0 && state_.iterations < iterations_)
        step_rule_->move(state_.x, observed_);
      if (on_checkpoint.is_wanted && on_checkpoint.is_wanted()) offer_checkpoint(on_checkpoint);
      if (!should_continue) return result(StopReason::kInterrupted);
      if (gradient_norm_ == 0.0) return result(StopReason::kStationary);
    }
    return result(StopReason::kFinished);
  }

 private:
  [[nodiscard]] bool has_best() const { return state_.best_x.defined(); }
  [[nodiscard]] bool is_valid() const {
    return std::isfinite(value_) && std::isfinite(gradient_norm_);
  }
  [[nodiscard]] bool is_acceptable(double value) const {
    return std::isfinite(value) && !(has_best() && value > kJump * state_.best_value);
  }

  /// Returns false if the value is not finite or jumped. Synchronizes with the device once: the
  /// numbers that the next step needs are read along with the value.
  bool evaluate(const Function& function) {
    at::Tensor gradient = at::empty_like(state_.x);
    const DeferredNumber value = function(state_.x, gradient);
    ++state_.iterations;
    const DeferredNumber gradient_norm(gradient.norm());
    const bool may_step =
        state_.iterations < iterations_ && !(value.is_known() && !is_acceptable(value.get()));
    observed_ = read_together({value, gradient_norm},
                              may_step ? step_rule_->observe(std::move(gradient)) : at::Tensor());
    value_ = value.get();
    gradient_norm_ = std::isfinite(value_) ? gradient_norm.get() : value_;
    return is_valid() && is_acceptable(value_);
  }

  /// Returns to the best point, which is evaluated again and left with a shorter step. Returns
  /// false after too many attempts.
  bool restart_from_best() {
    if (!has_best() || ++state_.restarts_in_a_row > kMaxRestartsInARow) return false;
    ++state_.restarts;
    state_.x.copy_(state_.best_x);
    step_rule_->restart(std::pow(kDamping, state_.restarts_in_a_row));
    return true;
  }

  void take_best() {
    if (has_best() && !(value_ < state_.best_value)) return;
    if (!has_best()) state_.best_x = at::empty_like(state_.x);
    state_.best_value = value_;
    state_.best_x.copy_(state_.x);
    state_.restarts_in_a_row = 0;
  }

  void offer_checkpoint(const CheckpointCallback<MinimizeState>& on_checkpoint) {
    state_.step_rule = step_rule_->state();
    on_checkpoint.store(state_);
    state_.step_rule = {};
  }

  [[nodiscard]] MinimizeResult result(StopReason reason) {
    MinimizeResult result;
    result.x = has_best() ? state_.best_x : state_.x;
    result.value = state_.best_value;
    result.evaluations = state_.iterations;
    result.restarts = state_.restarts;
    result.stop_reason = reason;
    state_.step_rule = step_rule_->state();
    result.final_state = std::move(state_);
    return result;
  }

  MinimizeState state_;
  int iterations_;
  std::unique_ptr<StepRule> step_rule_;
  std::vector<double> observed_;  // returned by the step rule's observe()
  double value_ = 0.0;
  double gradient_norm_ = 0.0;
};

}  // namespace

void OptimizerOptions::validate() const {
  require_within("history", history, kHistory);
  require_positive("initial_scale", initial_scale);
  require_positive("first_step", first_step);
  require_positive("longest_step", longest_step);
  require_within("learning_rate", learning_rate, kLearningRate);
}

MinimizeState warm_start(MinimizeState final_state) {
  final_state.iterations = 0;
  final_state.restarts = 0;
  final_state.restarts_in_a_row = 0;
  return final_state;
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
                        const CheckpointCallback<MinimizeState>& on_checkpoint,
                        Preconditioner preconditioner) {
  return Search(std::move(from), iterations, options, std::move(preconditioner))
      .run(function, watch, on_checkpoint);
}

}  // namespace styletransfer
