#include "styletransfer/optimizer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer {
namespace {

// A value this many times the best one (both measured from zero: losses are sums of squares) is a
// jump that a quadratic model did not foresee.
constexpr double kJump = 10.0;
constexpr int kMostRescuesInARow = 8;
// The first step after a rescue, in lengths of an ordinary first step; its power after several.
constexpr double kCaution = 0.25;

std::unique_ptr<Stepper> make_stepper(const OptimizerOptions& options) {
  return options.kind == OptimizerKind::kLbfgs ? make_lbfgs(options) : make_adam(options);
}

void require(bool holds, const std::string& field, double value, const std::string& bound) {
  if (holds) return;
  throw UsageError(field + " is " + std::to_string(value) + "; it must be " + bound);
}

}  // namespace

void OptimizerOptions::validate() const {
  require(history >= 1 && history <= 200, "history", history, "from 1 to 200");
  require(first_step > 0.0, "first_step", first_step, "positive");
  require(longest_step > 0.0, "longest_step", longest_step, "positive");
  require(learning_rate > 0.0 && learning_rate <= 10.0, "learning_rate", learning_rate,
          "above 0 and at most 10");
}

MinimizeResult minimize(const Function& function, const at::Tensor& start, int iterations,
                        const OptimizerOptions& options,
                        const std::function<bool(const IterationSummary&)>& watch) {
  MinimizeResult result;
  result.x = start.clone();
  at::Tensor x = start.clone();
  at::Tensor gradient = at::empty_like(x);
  const std::unique_ptr<Stepper> stepper = make_stepper(options);
  int rescues_in_a_row = 0;
  bool have_best = false;
  for (int iteration = 1; iteration <= iterations; ++iteration) {
    const double value = function(x, gradient);
    ++result.evaluations;
    const double slope = std::isfinite(value) ? gradient.norm().item<double>() : value;
    const bool sound = std::isfinite(value) && std::isfinite(slope);
    if (!sound || (have_best && value > kJump * result.value)) {
      if (!have_best || ++rescues_in_a_row > kMostRescuesInARow) {
        // Finite values all the way down to tiny steps: nothing near the best point is better.
        result.ending = sound ? MinimizeEnding::kStationary : MinimizeEnding::kDiverged;
        return result;
      }
      ++result.rescues;
      // The next evaluation is the best point's again, from which a shorter step is taken.
      x.copy_(result.x);
      stepper->restart(std::pow(kCaution, rescues_in_a_row));
      continue;
    }
    if (!have_best || value < result.value) {
      result.value = value;
      result.x.copy_(x);
      have_best = true;
      rescues_in_a_row = 0;
    }
    if (!watch({iteration, value, result.value})) {
      result.ending = MinimizeEnding::kStopped;
      return result;
    }
    if (slope == 0.0) {
      result.ending = MinimizeEnding::kStationary;
      return result;
    }
    if (iteration < iterations) stepper->step(x, gradient);
  }
  return result;
}

}  // namespace styletransfer
