// Behavior of minimize() with misbehaving functions.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "optim/optimizer.h"

namespace styletransfer {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kCount = 12;
constexpr int kIterations = 60;

const std::vector<OptimizerKind> kKinds{OptimizerKind::kLbfgs, OptimizerKind::kAdam};

/// 100 + sum of c (x - 3)^2 with curvatures c from 1 to 20, modified by `problem` at each numbered
/// evaluation (from 1).
struct ObservedFunction {
  using Problem = std::function<void(int evaluation, double& value, at::Tensor& gradient)>;

  MinimizeResult run(OptimizerKind kind, int iterations = kIterations) {
    OptimizerOptions options;
    options.kind = kind;
    return minimize(
        [this](const at::Tensor& x, at::Tensor& gradient) {
          ++evaluations;
          double value = value_at(x);
          gradient.copy_(2.0 * curvature() * (x - 3.0));
          problem(evaluations, value, gradient);
          if (std::isfinite(value) && gradient.isfinite().all().item<bool>()) {
            best = std::min(best, value);
          }
          return value;
        },
        at::zeros({kCount}, at::kDouble), iterations, options,
        [this](const IterationSummary& s) {
          EXPECT_TRUE(std::isfinite(s.value));
          EXPECT_GT(s.iteration, last_reported);
          last_reported = s.iteration;
          return true;
        });
  }

  static at::Tensor curvature() { return at::linspace(1.0, 20.0, kCount, at::kDouble); }
  static double value_at(const at::Tensor& x) {
    return 100.0 + (curvature() * (x - 3.0).square()).sum().item<double>();
  }

  Problem problem;
  int evaluations = 0;
  int last_reported = 0;
  double best = kInfinite;
};

void expect_best_point(const ObservedFunction& observed, const MinimizeResult& result) {
  EXPECT_EQ(result.value, observed.best);
  EXPECT_NEAR(ObservedFunction::value_at(result.x), result.value, 1e-12);
  EXPECT_EQ(result.evaluations, observed.evaluations);
}

TEST(Minimize, SurvivesOneValueThatIsNotANumber) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation == 5) value = kNotANumber;
    }};
    const MinimizeResult result = observed.run(kind);
    EXPECT_NE(result.stop_reason, StopReason::kDiverged);
    EXPECT_EQ(result.restarts, 1);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(observed, result);
  }
}

TEST(Minimize, SurvivesOneGradientThatIsInfinite) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int evaluation, double&, at::Tensor& gradient) {
      if (evaluation == 5) gradient[3] = kInfinite;
    }};
    const MinimizeResult result = observed.run(kind);
    EXPECT_NE(result.stop_reason, StopReason::kDiverged);
    EXPECT_EQ(result.restarts, 1);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(observed, result);
  }
}

TEST(Minimize, SurvivesJumps) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int evaluation, double& value, at::Tensor& gradient) {
      if (evaluation != 4 && evaluation != 9) return;
      value *= 1000.0;
      gradient.mul_(1000.0);
    }};
    const MinimizeResult result = observed.run(kind);
    EXPECT_EQ(result.restarts, 2);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(observed, result);
  }
}

TEST(Minimize, GivesUpWhereEveryValueIsNotANumber) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int, double& value, at::Tensor&) { value = kNotANumber; }};
    const MinimizeResult result = observed.run(kind);
    EXPECT_EQ(result.stop_reason, StopReason::kDiverged);
    EXPECT_EQ(result.x.count_nonzero().item<int64_t>(), 0) << "the start is all there is";
    EXPECT_LE(observed.evaluations, kIterations);
  }
}

TEST(Minimize, GivesUpWhereValuesStayNotANumberAndReturnsTheBestPoint) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation > 6) value = kNotANumber;
    }};
    const MinimizeResult result = observed.run(kind);
    EXPECT_EQ(result.stop_reason, StopReason::kDiverged);
    EXPECT_GE(result.restarts, 2);
    EXPECT_TRUE(result.x.isfinite().all().item<bool>());
    expect_best_point(observed, result);
  }
}

TEST(Minimize, NeverEvaluatesMoreThanItWasAllowedWhateverHappens) {
  for (const OptimizerKind kind : kKinds) {
    for (const int iterations : {5, 6, 20}) {
      ObservedFunction observed{[](int evaluation, double& value, at::Tensor&) {
        if (evaluation % 5 == 0) value = kNotANumber;
      }};
      const MinimizeResult result = observed.run(kind, iterations);
      EXPECT_LE(result.evaluations, iterations);
      expect_best_point(observed, result);
    }
  }
}

TEST(Minimize, ContinuesFromTheBestPointWithALargeStepOnceCurvatureIsKnown) {
  // The minimum is far away: a step bound that stayed at a quarter after the restart would not
  // reach it.
  for (const OptimizerKind kind : kKinds) {
    OptimizerOptions options;
    options.kind = kind;
    int evaluations = 0;
    const auto function = [&](const at::Tensor& x, at::Tensor& gradient) {
      gradient.copy_(2.0 * (x - 40.0));
      const bool bad = ++evaluations == 3 || evaluations == 7;
      return bad ? kNotANumber : 1.0 + (x - 40.0).square().sum().item<double>();
    };
    const int iterations = kind == OptimizerKind::kLbfgs ? 70 : 600;
    const MinimizeResult result = minimize(function, at::zeros({kCount}, at::kDouble), iterations,
                                           options, [](const IterationSummary&) { return true; });
    EXPECT_EQ(result.restarts, 2);
    EXPECT_LT(result.value, 1.1);
  }
}

TEST(Minimize, ReportsOnlyFiniteValuesInOrder) {
  for (const OptimizerKind kind : kKinds) {
    ObservedFunction observed{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation % 7 == 4) value = kInfinite;
    }};
    static_cast<void>(observed.run(kind));  // run() checks what it receives
    EXPECT_GE(observed.last_reported, kIterations - 1);
  }
}

TEST(Minimize, EndsWithoutAlarmWhereNothingNearTheStartIsBetter) {
  // A start that is optimal to rounding: every step away is a jump.
  for (const OptimizerKind kind : kKinds) {
    OptimizerOptions options;
    options.kind = kind;
    const auto function = [](const at::Tensor& x, at::Tensor& gradient) {
      gradient.fill_(1e-12);
      return 1e-20 + x.square().sum().item<double>();
    };
    const at::Tensor start = at::zeros({kCount}, at::kDouble);
    const MinimizeResult result = minimize(function, start, kIterations, options,
                                           [](const IterationSummary&) { return true; });
    EXPECT_EQ(result.stop_reason, StopReason::kStationary);
    EXPECT_TRUE(at::equal(result.x, start));
  }
}

}  // namespace
}  // namespace styletransfer
