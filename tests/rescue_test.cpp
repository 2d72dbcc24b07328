// What minimize does when a function misbehaves.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "styletransfer/optimizer.h"

namespace styletransfer {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kCount = 12;
constexpr int kIterations = 60;

const std::vector<OptimizerKind> kKinds{OptimizerKind::kLbfgs, OptimizerKind::kAdam};

/// 100 + sum of c (x - 3)^2 with curvatures c from 1 to 20, but whatever `trouble` makes of the
/// numbered evaluation (from 1).
struct Watched {
  using Trouble = std::function<void(int evaluation, double& value, at::Tensor& gradient)>;

  MinimizeResult run(OptimizerKind kind, int iterations = kIterations) {
    OptimizerOptions options;
    options.kind = kind;
    return minimize(
        [this](const at::Tensor& x, at::Tensor& gradient) {
          ++evaluations;
          double value = value_at(x);
          gradient.copy_(2.0 * curvature() * (x - 3.0));
          trouble(evaluations, value, gradient);
          if (std::isfinite(value) && gradient.isfinite().all().item<bool>()) {
            best = std::min(best, value);
          }
          return value;
        },
        at::zeros({kCount}, at::kDouble), iterations, options,
        [this](const IterationSummary& s) {
          EXPECT_TRUE(std::isfinite(s.value));
          EXPECT_GT(s.iteration, last_told);
          last_told = s.iteration;
          return true;
        });
  }

  static at::Tensor curvature() { return at::linspace(1.0, 20.0, kCount, at::kDouble); }
  static double value_at(const at::Tensor& x) {
    return 100.0 + (curvature() * (x - 3.0).square()).sum().item<double>();
  }

  Trouble trouble;
  int evaluations = 0;
  int last_told = 0;
  double best = kInfinite;
};

void expect_best_point(const Watched& watched, const MinimizeResult& result) {
  EXPECT_EQ(result.value, watched.best);
  EXPECT_NEAR(Watched::value_at(result.x), result.value, 1e-12);
  EXPECT_EQ(result.evaluations, watched.evaluations);
}

TEST(Minimize, SurvivesOneValueThatIsNotANumber) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation == 5) value = kNotANumber;
    }};
    const MinimizeResult result = watched.run(kind);
    EXPECT_NE(result.ending, MinimizeEnding::kDiverged);
    EXPECT_EQ(result.rescues, 1);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(watched, result);
  }
}

TEST(Minimize, SurvivesOneGradientThatIsInfinite) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int evaluation, double&, at::Tensor& gradient) {
      if (evaluation == 5) gradient[3] = kInfinite;
    }};
    const MinimizeResult result = watched.run(kind);
    EXPECT_NE(result.ending, MinimizeEnding::kDiverged);
    EXPECT_EQ(result.rescues, 1);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(watched, result);
  }
}

TEST(Minimize, SurvivesJumps) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int evaluation, double& value, at::Tensor& gradient) {
      if (evaluation != 4 && evaluation != 9) return;
      value *= 1000.0;
      gradient.mul_(1000.0);
    }};
    const MinimizeResult result = watched.run(kind);
    EXPECT_EQ(result.rescues, 2);
    EXPECT_LT(result.value, 101.0);
    expect_best_point(watched, result);
  }
}

TEST(Minimize, GivesUpWhereEveryValueIsNotANumber) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int, double& value, at::Tensor&) { value = kNotANumber; }};
    const MinimizeResult result = watched.run(kind);
    EXPECT_EQ(result.ending, MinimizeEnding::kDiverged);
    EXPECT_EQ(result.x.count_nonzero().item<int64_t>(), 0) << "the start is all there is";
    EXPECT_LE(watched.evaluations, kIterations);
  }
}

TEST(Minimize, GivesUpWhereValuesStayNotANumberAndReturnsTheBestPoint) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation > 6) value = kNotANumber;
    }};
    const MinimizeResult result = watched.run(kind);
    EXPECT_EQ(result.ending, MinimizeEnding::kDiverged);
    EXPECT_GE(result.rescues, 2);
    EXPECT_TRUE(result.x.isfinite().all().item<bool>());
    expect_best_point(watched, result);
  }
}

TEST(Minimize, NeverEvaluatesMoreThanItWasAllowedWhateverHappens) {
  for (const OptimizerKind kind : kKinds) {
    for (const int iterations : {5, 6, 20}) {
      Watched watched{[](int evaluation, double& value, at::Tensor&) {
        if (evaluation % 5 == 0) value = kNotANumber;
      }};
      const MinimizeResult result = watched.run(kind, iterations);
      EXPECT_LE(result.evaluations, iterations);
      expect_best_point(watched, result);
    }
  }
}

TEST(Minimize, GoesOnFromTheBestPointWithALargeStepOnceItHasLearntAgain) {
  // The minimum is far: a step bound that stayed a quarter after the rescue would not get there.
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
    EXPECT_EQ(result.rescues, 2);
    EXPECT_LT(result.value, 1.1);
  }
}

TEST(Minimize, TellsTheWatcherOnlyFiniteValuesInOrder) {
  for (const OptimizerKind kind : kKinds) {
    Watched watched{[](int evaluation, double& value, at::Tensor&) {
      if (evaluation % 7 == 4) value = kInfinite;
    }};
    static_cast<void>(watched.run(kind));  // run() checks what it is told
    EXPECT_GE(watched.last_told, kIterations - 1);
  }
}

TEST(Minimize, EndsWithoutAlarmWhereNothingNearTheStartIsBetter) {
  // A start as good as rounding allows: every step away is a jump.
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
    EXPECT_EQ(result.ending, MinimizeEnding::kStationary);
    EXPECT_TRUE(at::equal(result.x, start));
  }
}

}  // namespace
}  // namespace styletransfer
