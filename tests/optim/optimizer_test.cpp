#include "optim/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "styletransfer/error.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

const std::vector<OptimizerKind> kKinds{OptimizerKind::kLbfgs, OptimizerKind::kAdam};

OptimizerOptions options_of(OptimizerKind kind) {
  OptimizerOptions options;
  options.kind = kind;
  return options;
}

bool go_on(const IterationSummary& /*summary*/) { return true; }

/// 1 + sum of c (x - 1)^2 / 2, with curvatures c spaced logarithmically over 1 .. condition.
struct Quadratic {
  Quadratic(int64_t count, double condition)
      : curvature(at::logspace(0.0, std::log10(condition), count, 10.0, at::kDouble)) {}

  double operator()(const at::Tensor& x, at::Tensor& gradient) const {
    const at::Tensor off = x - 1.0;
    gradient.copy_(curvature * off);
    return 1.0 + 0.5 * (curvature * off.square()).sum().item<double>();
  }

  at::Tensor curvature;
};

double rosenbrock(const at::Tensor& x, at::Tensor& gradient) {
  const double a = x[0].item<double>();
  const double b = x[1].item<double>();
  gradient[0] = -2.0 * (1.0 - a) - 400.0 * a * (b - a * a);
  gradient[1] = 200.0 * (b - a * a);
  return (1.0 - a) * (1.0 - a) + 100.0 * (b - a * a) * (b - a * a);
}

TEST(Lbfgs, SolvesAQuadraticInFewSteps) {
  const Quadratic function(40, 100.0);
  const MinimizeResult result = minimize(function, at::zeros({40}, at::kDouble), 60,
                                         options_of(OptimizerKind::kLbfgs), go_on);
  EXPECT_NEAR(result.value, 1.0, 1e-8);
  EXPECT_LT((result.x - 1.0).abs().max().item<double>(), 1e-4);
  EXPECT_EQ(result.stop_reason, StopReason::kFinished);
}

TEST(Lbfgs, SolvesAnIllConditionedQuadratic) {
  const Quadratic function(40, 1e4);
  const MinimizeResult result = minimize(function, at::zeros({40}, at::kDouble), 400,
                                         options_of(OptimizerKind::kLbfgs), go_on);
  EXPECT_NEAR(result.value, 1.0, 1e-5);
}

TEST(Lbfgs, LeavesAHundredThousandthOfAVeryIllConditionedQuadratic) {
  // Half as many pairs as curvatures, spread over six decades.
  const Quadratic function(40, 1e6);
  const double start = 0.5 * function.curvature.sum().item<double>();
  const MinimizeResult result = minimize(function, at::zeros({40}, at::kDouble), 400,
                                         options_of(OptimizerKind::kLbfgs), go_on);
  EXPECT_LT(result.value - 1.0, 1e-5 * start);
  EXPECT_EQ(result.restarts, 0);
}

TEST(Lbfgs, WorksInFloat32) {
  const Quadratic exact(40, 100.0);
  const auto function = [&](const at::Tensor& x, at::Tensor& gradient) {
    at::Tensor wide = at::empty({40}, at::kDouble);
    const double value = exact(x.to(at::kDouble), wide);
    gradient.copy_(wide);
    return value;
  };
  const MinimizeResult result =
      minimize(function, at::zeros({40}), 100, options_of(OptimizerKind::kLbfgs), go_on);
  EXPECT_NEAR(result.value, 1.0, 1e-5);
  EXPECT_EQ(result.x.scalar_type(), at::kFloat);
}

TEST(Lbfgs, ReachesTheMinimumOfRosenbrock) {
  const MinimizeResult result = minimize(rosenbrock, at::tensor({-1.2, 1.0}, at::kDouble), 300,
                                         options_of(OptimizerKind::kLbfgs), go_on);
  EXPECT_LT(result.value, 1e-8);
  EXPECT_LT((result.x - 1.0).abs().max().item<double>(), 1e-3);
}

TEST(Adam, SolvesAQuadratic) {
  const Quadratic function(40, 100.0);
  const MinimizeResult result = minimize(function, at::zeros({40}, at::kDouble), 600,
                                         options_of(OptimizerKind::kAdam), go_on);
  EXPECT_NEAR(result.value, 1.0, 1e-3);
}

TEST(Adam, ReachesTheValleyOfRosenbrock) {
  const MinimizeResult result = minimize(rosenbrock, at::tensor({-1.2, 1.0}, at::kDouble), 2000,
                                         options_of(OptimizerKind::kAdam), go_on);
  EXPECT_LT(result.value, 1e-2);
}

TEST(Adam, FirstStepIsTheLearningRateInEveryElement) {
  // With bias correction the first step is rate * sign(gradient).
  const auto step_rule = make_adam(options_of(OptimizerKind::kAdam));
  at::Tensor x = at::zeros({3}, at::kDouble);
  step_rule->step(x, at::tensor({1e-6, -3.0, 1e6}, at::kDouble));
  EXPECT_LT(relative_error(x, at::tensor({-0.15, 0.15, -0.15}, at::kDouble)), 1e-9);
}

TEST(Adam, FollowsTheBiasCorrectedRecursion) {
  const auto step_rule = make_adam(options_of(OptimizerKind::kAdam));
  at::Tensor x = random_normal({9}, 1, at::kDouble);
  at::Tensor wanted = x.clone();
  at::Tensor mean = at::zeros_like(x);
  at::Tensor square = at::zeros_like(x);
  for (int t = 1; t <= 30; ++t) {
    const at::Tensor gradient =
        random_normal({9}, 100 + static_cast<std::uint64_t>(t), at::kDouble);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.99 * square + 0.01 * gradient * gradient;
    wanted = wanted -
             0.15 * (mean / (1.0 - std::pow(0.9, t))) / (square / (1.0 - std::pow(0.99, t))).sqrt();
    step_rule->step(x, gradient);
    EXPECT_LT(relative_error(x, wanted), 1e-10);
  }
}

TEST(Minimize, MakesExactlyTheEvaluationsAskedFor) {
  for (const OptimizerKind kind : kKinds) {
    for (const int iterations : {1, 2, 17}) {
      const Quadratic quadratic(10, 10.0);
      int calls = 0;
      int told = 0;
      const MinimizeResult result = minimize(
          [&](const at::Tensor& x, at::Tensor& gradient) {
            ++calls;
            return quadratic(x, gradient);
          },
          at::zeros({10}, at::kDouble), iterations, options_of(kind),
          [&](const IterationSummary& summary) {
            EXPECT_EQ(summary.iteration, ++told);
            EXPECT_GE(summary.value, summary.best_value);
            return true;
          });
      EXPECT_EQ(calls, iterations);
      EXPECT_EQ(result.evaluations, iterations);
      EXPECT_EQ(told, iterations);
    }
  }
}

TEST(Minimize, ReturnsTheBestPointAndItsValue) {
  for (const OptimizerKind kind : kKinds) {
    double best = kInfinite;
    at::Tensor best_x;
    const MinimizeResult result = minimize(
        [&](const at::Tensor& x, at::Tensor& gradient) {
          const double value = rosenbrock(x, gradient);
          if (value < best) {
            best = value;
            best_x = x.clone();
          }
          return value;
        },
        at::tensor({-1.2, 1.0}, at::kDouble), 40, options_of(kind), go_on);
    EXPECT_EQ(result.value, best);
    EXPECT_TRUE(at::equal(result.x, best_x));
  }
}

TEST(Minimize, WithNoIterationsReturnsTheStart) {
  const at::Tensor start = random_normal({5}, 2);
  const MinimizeResult result = minimize(
      [](const at::Tensor&, at::Tensor&) -> double {
        ADD_FAILURE() << "evaluated";
        return 0.0;
      },
      start, 0, {}, go_on);
  EXPECT_TRUE(at::equal(result.x, start));
  EXPECT_EQ(result.evaluations, 0);
}

TEST(Minimize, LeavesTheStartAlone) {
  const at::Tensor start = at::zeros({10}, at::kDouble);
  static_cast<void>(minimize(Quadratic(10, 10.0), start, 10, {}, go_on));
  EXPECT_EQ(start.count_nonzero().item<int64_t>(), 0);
}

TEST(Minimize, EndsAtOnceWhereTheGradientIsZero) {
  for (const OptimizerKind kind : kKinds) {
    const MinimizeResult result =
        minimize(Quadratic(10, 100.0), at::ones({10}, at::kDouble), 50, options_of(kind), go_on);
    EXPECT_EQ(result.stop_reason, StopReason::kStationary);
    EXPECT_EQ(result.evaluations, 1);
    EXPECT_TRUE(result.x.isfinite().all().item<bool>());
  }
}

TEST(Minimize, StopsWhenTheWatcherSaysSo) {
  for (const OptimizerKind kind : kKinds) {
    const MinimizeResult result =
        minimize(Quadratic(10, 100.0), at::zeros({10}, at::kDouble), 50, options_of(kind),
                 [](const IterationSummary& summary) { return summary.iteration < 7; });
    EXPECT_EQ(result.stop_reason, StopReason::kInterrupted);
    EXPECT_EQ(result.evaluations, 7);
    EXPECT_LT(result.value, Quadratic(10, 100.0).curvature.sum().item<double>());
  }
}

TEST(OptimizerOptions, RefuseWhatCannotWorkNamingFieldAndBound) {
  const auto refusal = [](const auto& change) {
    OptimizerOptions options;
    change(options);
    try {
      options.validate();
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_NE(refusal([](auto& o) { o.history = 0; }).find("history"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.history = 0; }).find("1 to 200"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.history = 201; }).find("201"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.initial_scale = 0.0; }).find("initial_scale"),
            std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.first_step = 0.0; }).find("first_step"), std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.longest_step = -1.0; }).find("longest_step"),
            std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.learning_rate = kNotANumber; }).find("learning_rate"),
            std::string::npos);
  EXPECT_NE(refusal([](auto& o) { o.learning_rate = 11.0; }).find("learning_rate"),
            std::string::npos);
  EXPECT_EQ(refusal([](auto&) {}), "taken");
}

}  // namespace
}  // namespace styletransfer
