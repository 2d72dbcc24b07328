// Stopping rules in isolation, on simulated losses and clocks.
#include "styletransfer/stopping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/time_budget.h"
#include "optim/plateau.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

StoppingOptions plateau_options(double percent, int window) {
  StoppingOptions options;
  options.on_plateau = true;
  options.plateau_percent = percent;
  options.plateau_window = window;
  return options;
}

/// The step that ends the pass, from 1; 0: none of `steps`.
int step_of_plateau(const StoppingOptions& options, const std::vector<double>& losses) {
  Plateau plateau(options);
  int step = 0;
  for (const double loss : losses) {
    ++step;
    if (plateau.is_reached_with(loss)) return step;
  }
  return 0;
}

TEST(Plateau, IsNeverReachedUnlessAskedFor) {
  EXPECT_EQ(step_of_plateau({}, std::vector<double>(100, 1.0)), 0);
}

TEST(Plateau, IsReachedAWindowAfterTheLossStalls) {
  std::vector<double> losses{10.0, 8.0, 6.0, 5.0};
  losses.resize(30, 5.0);
  EXPECT_EQ(step_of_plateau(plateau_options(1.0, 10), losses), 14);
}

TEST(Plateau, IsNotReachedWhileTheLossFallsFastEnough) {
  std::vector<double> fast;
  std::vector<double> slow;
  for (int step = 0; step < 100; ++step) {
    fast.push_back(std::pow(1.0 - 0.02, 0.1 * step));  // 2 % in ten steps
    slow.push_back(std::pow(1.0 - 0.005, 0.1 * step));
  }
  EXPECT_EQ(step_of_plateau(plateau_options(1.0, 10), fast), 0);
  EXPECT_EQ(step_of_plateau(plateau_options(1.0, 10), slow), 11);
}

TEST(Plateau, CountsTheBestLossNotTheLatest) {
  // Alternates, and improves a little every second step.
  std::vector<double> losses;
  for (int step = 0; step < 60; ++step) {
    losses.push_back((step % 2 == 0 ? 1.0 : 1.5) * std::pow(0.99, step));
  }
  EXPECT_EQ(step_of_plateau(plateau_options(1.0, 10), losses), 0);
}

TEST(Plateau, ResumesFromItsState) {
  std::vector<double> losses{10.0, 8.0, 6.0, 5.0};
  losses.resize(30, 5.0);
  for (const int broken_at : {1, 6, 13}) {
    Plateau first(plateau_options(1.0, 10));
    for (int step = 0; step < broken_at; ++step) {
      EXPECT_FALSE(first.is_reached_with(losses[static_cast<std::size_t>(step)]));
    }
    Plateau second(plateau_options(1.0, 10));
    second.restart(first.best_losses());
    int step = broken_at;
    while (!second.is_reached_with(losses[static_cast<std::size_t>(step)])) ++step;
    EXPECT_EQ(step + 1, 14);
  }
}

struct Shared {
  std::vector<int> steps;
  double seconds = 0.0;
};

/// Passes with these iterations and times per iteration, plus half an iteration of preparation.
Shared share(double limit_seconds, const std::vector<int>& iterations,
             const std::vector<double>& step_seconds) {
  std::vector<double> costs;
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    costs.push_back(iterations[i] * step_seconds[i]);
  }
  TimeShare times(limit_seconds, costs);
  Shared shared;
  for (std::size_t i = 0; i < iterations.size(); ++i) {
    times.begin_pass(i, shared.seconds);
    shared.seconds += 0.5 * step_seconds[i];
    int steps = 0;
    do {
      shared.seconds += step_seconds[i];
      ++steps;
    } while (!times.is_up(shared.seconds) && steps < iterations[i]);
    shared.steps.push_back(steps);
  }
  return shared;
}

TEST(TimeShare, LeavesARunAloneThatHasTime) {
  const std::vector<int> iterations{120, 85, 60};
  const std::vector<double> step_seconds{0.02, 0.05, 0.15};
  EXPECT_EQ(share(0.0, iterations, step_seconds).steps, iterations);
  EXPECT_EQ(share(20.0, iterations, step_seconds).steps, iterations);
}

TEST(TimeShare, GivesEveryPassTheSamePartOfItsStepsAndEndsInTime) {
  const std::vector<int> iterations{120, 85, 60};
  const std::vector<double> step_seconds{0.02, 0.05, 0.15};
  const double whole = 120 * 0.02 + 85 * 0.05 + 60 * 0.15;
  for (const double part : {0.2, 0.5, 0.8}) {
    const Shared shared = share(part * whole, iterations, step_seconds);
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      EXPECT_NEAR(shared.steps[i], part * iterations[i], 2.0) << part;
    }
    EXPECT_LE(shared.seconds, part * whole);
    EXPECT_GT(shared.seconds, part * whole - 2 * 0.15);
  }
}

TEST(TimeShare, ReachesTheLastPassHoweverShortTheLimit) {
  const Shared shared = share(0.01, {120, 85, 60}, {0.02, 0.05, 0.15});
  EXPECT_EQ(shared.steps, (std::vector<int>{1, 1, 1}));
}

TEST(StoppingOptions, AreRefusedOutOfRange) {
  StoppingOptions options;
  EXPECT_NO_THROW(options.validate());
  options.time_limit_seconds = -1.0;
  EXPECT_THROW(options.validate(), UsageError);
  EXPECT_THROW(plateau_options(0.0, 10).validate(), UsageError);
  EXPECT_THROW(plateau_options(100.0, 10).validate(), UsageError);
  EXPECT_THROW(plateau_options(1.0, 0).validate(), UsageError);
}

}  // namespace
}  // namespace styletransfer::detail
