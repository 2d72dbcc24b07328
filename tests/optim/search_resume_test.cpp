// A resumed search follows exactly the path of an uninterrupted one.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "optim/optimizer.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

constexpr int kIterations = 40;
const std::vector<OptimizerKind> kKinds{OptimizerKind::kLbfgs, OptimizerKind::kAdam};

/// A deep copy of the state, as a file would store it.
MinimizeState copied(const MinimizeState& state) {
  MinimizeState copy = state;
  copy.x = state.x.clone();
  if (state.best_x.defined()) copy.best_x = state.best_x.clone();
  for (auto& [name, tensor] : copy.step_rule.tensors) tensor = tensor.clone();
  return copy;
}

double bent(const at::Tensor& x, at::Tensor& gradient) {
  const at::Tensor curvature = at::logspace(0.0, 2.0, x.numel(), 10.0, x.options());
  const at::Tensor away = x - 3.0;
  gradient.copy_(curvature * away + 0.3 * away.pow(3));
  return (0.5 * curvature * away.square() + 0.075 * away.pow(4)).sum().item<double>() + 1.0;
}

bool always_continue(const IterationSummary& /*summary*/) { return true; }

struct ResumedSearch {
  MinimizeResult result;
  std::optional<MinimizeState> state;
};

/// Stores the state after `keep_at` reported evaluations.
ResumedSearch run(const Function& function, const at::Tensor& start,
                  const OptimizerOptions& options, int save_at, bool stop_there) {
  ResumedSearch search;
  int reported = 0;
  MinimizeState from;
  from.x = start.clone();
  search.result =
      minimize(function, std::move(from), kIterations, options,
               [&](const IterationSummary&) { return ++reported < save_at || !stop_there; },
               {[&] { return reported == save_at && !search.state; },
                [&](const MinimizeState& state) { search.state = copied(state); }});
  return search;
}

void expect_same(const MinimizeResult& got, const MinimizeResult& wanted) {
  EXPECT_TRUE(at::equal(got.x, wanted.x));
  EXPECT_EQ(got.value, wanted.value);
  EXPECT_EQ(got.evaluations, wanted.evaluations);
  EXPECT_EQ(got.restarts, wanted.restarts);
  EXPECT_EQ(got.stop_reason, wanted.stop_reason);
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
      const MinimizeResult whole =
          minimize(bent, start, kIterations, options_of(kind), always_continue);
      for (const int save_at : {1, 2, 5, 6, 7, 20, kIterations}) {
        SCOPED_TRACE(save_at);
        ResumedSearch search = run(bent, start, options_of(kind), save_at, /*stop_there=*/true);
        ASSERT_TRUE(search.state);
        EXPECT_EQ(search.result.stop_reason, StopReason::kInterrupted);
        expect_same(minimize(bent, std::move(*search.state), kIterations, options_of(kind),
                             always_continue),
                    whole);
      }
    }
  }
}

TEST(Resume, KeepingStatesChangesNothing) {
  const at::Tensor start = random_normal({500}, 4, at::kFloat);
  for (const OptimizerKind kind : kKinds) {
    const MinimizeResult whole =
        minimize(bent, start, kIterations, options_of(kind), always_continue);
    expect_same(run(bent, start, options_of(kind), 9, /*stop_there=*/false).result, whole);
  }
}

TEST(Resume, ContinuesAfterRestarts) {
  // Every seventh value is not finite: the state contains a search that is still damped.
  for (const OptimizerKind kind : kKinds) {
    for (const int save_at : {6, 7, 13}) {
      const auto with_failures = [](int& evaluation) {
        return [&evaluation](const at::Tensor& x, at::Tensor& gradient) {
          const double value = bent(x, gradient);
          return ++evaluation % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : value;
        };
      };
      const at::Tensor start = random_normal({50}, 5, at::kFloat);
      int evaluation = 0;
      const MinimizeResult whole = minimize(with_failures(evaluation), start, kIterations,
                                            options_of(kind), always_continue);
      EXPECT_GT(whole.restarts, 2);
      evaluation = 0;
      ResumedSearch search = run(with_failures(evaluation), start, options_of(kind), save_at, true);
      ASSERT_TRUE(search.state);
      expect_same(minimize(with_failures(evaluation), std::move(*search.state), kIterations,
                           options_of(kind), always_continue),
                  whole);
    }
  }
}

TEST(Resume, MakesNoStateThatIsNotWanted) {
  MinimizeState from;
  from.x = random_normal({10}, 6);
  static_cast<void>(minimize(bent, std::move(from), 5, {}, always_continue,
                             {[] { return false; }, [](const MinimizeState&) { FAIL(); }}));
}

}  // namespace
}  // namespace styletransfer
