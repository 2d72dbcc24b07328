// A search that goes on from a kept state walks the very path of one that never stopped.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/optimizer.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

constexpr int kIterations = 40;
const std::vector<OptimizerKind> kKinds{OptimizerKind::kLbfgs, OptimizerKind::kAdam};

/// Everything of the state in memory of its own, as a file would hold it.
MinimizeState copied(const MinimizeState& state) {
  MinimizeState copy = state;
  copy.x = state.x.clone();
  if (state.best_x.defined()) copy.best_x = state.best_x.clone();
  for (auto& [name, tensor] : copy.stepper.tensors) tensor = tensor.clone();
  return copy;
}

double bent(const at::Tensor& x, at::Tensor& gradient) {
  const at::Tensor curvature = at::logspace(0.0, 2.0, x.numel(), 10.0, x.options());
  const at::Tensor away = x - 3.0;
  gradient.copy_(curvature * away + 0.3 * away.pow(3));
  return (0.5 * curvature * away.square() + 0.075 * away.pow(4)).sum().item<double>() + 1.0;
}

bool go_on(const IterationSummary& /*summary*/) { return true; }

struct Kept {
  MinimizeResult result;
  std::optional<MinimizeState> state;
};

/// Keeps the state after `keep_at` evaluations that were told of.
Kept run(const Function& function, const at::Tensor& start, const OptimizerOptions& options,
         int keep_at, bool stop_there) {
  Kept kept;
  int told = 0;
  MinimizeState from;
  from.x = start.clone();
  kept.result = minimize(function, std::move(from), kIterations, options,
                         [&](const IterationSummary&) { return ++told < keep_at || !stop_there; },
                         {[&] { return told == keep_at && !kept.state; },
                          [&](const MinimizeState& state) { kept.state = copied(state); }});
  return kept;
}

void expect_same(const MinimizeResult& got, const MinimizeResult& wanted) {
  EXPECT_TRUE(at::equal(got.x, wanted.x));
  EXPECT_EQ(got.value, wanted.value);
  EXPECT_EQ(got.evaluations, wanted.evaluations);
  EXPECT_EQ(got.rescues, wanted.rescues);
  EXPECT_EQ(got.ending, wanted.ending);
}

OptimizerOptions options_of(OptimizerKind kind) {
  OptimizerOptions options;
  options.kind = kind;
  options.history = 6;
  return options;
}

TEST(Resume, GivesTheSameBitsFromEveryStep) {
  for (const OptimizerKind kind : kKinds) {
    for (const auto dtype : {at::kFloat, at::kDouble}) {
      const at::Tensor start = random_normal({5000}, 3, dtype);
      const MinimizeResult whole = minimize(bent, start, kIterations, options_of(kind), go_on);
      for (const int keep_at : {1, 2, 5, 6, 7, 20, kIterations}) {
        SCOPED_TRACE(keep_at);
        Kept kept = run(bent, start, options_of(kind), keep_at, /*stop_there=*/true);
        ASSERT_TRUE(kept.state);
        EXPECT_EQ(kept.result.ending, MinimizeEnding::kStopped);
        expect_same(minimize(bent, std::move(*kept.state), kIterations, options_of(kind), go_on),
                    whole);
      }
    }
  }
}

TEST(Resume, KeepingStatesChangesNothing) {
  const at::Tensor start = random_normal({500}, 4, at::kFloat);
  for (const OptimizerKind kind : kKinds) {
    const MinimizeResult whole = minimize(bent, start, kIterations, options_of(kind), go_on);
    expect_same(run(bent, start, options_of(kind), 9, /*stop_there=*/false).result, whole);
  }
}

TEST(Resume, GoesOnAfterRescues) {
  // Every seventh value is not finite: the state holds a search that is still cautious.
  for (const OptimizerKind kind : kKinds) {
    for (const int keep_at : {6, 7, 13}) {
      const auto troubled = [](int& evaluation) {
        return [&evaluation](const at::Tensor& x, at::Tensor& gradient) {
          const double value = bent(x, gradient);
          return ++evaluation % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : value;
        };
      };
      const at::Tensor start = random_normal({50}, 5, at::kFloat);
      int evaluation = 0;
      const MinimizeResult whole =
          minimize(troubled(evaluation), start, kIterations, options_of(kind), go_on);
      EXPECT_GT(whole.rescues, 2);
      evaluation = 0;
      Kept kept = run(troubled(evaluation), start, options_of(kind), keep_at, true);
      ASSERT_TRUE(kept.state);
      expect_same(minimize(troubled(evaluation), std::move(*kept.state), kIterations,
                           options_of(kind), go_on),
                  whole);
    }
  }
}

TEST(Resume, MakesNoStateThatIsNotWanted) {
  MinimizeState from;
  from.x = random_normal({10}, 6);
  static_cast<void>(minimize(bent, std::move(from), 5, {}, go_on,
                             {[] { return false; }, [](const MinimizeState&) { FAIL(); }}));
}

}  // namespace
}  // namespace styletransfer
