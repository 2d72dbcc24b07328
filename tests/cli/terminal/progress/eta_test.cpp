// EtaEstimator on simulated clocks.
#include "cli/terminal/progress/eta.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace styletransfer::cli {
namespace {

/// Simulated machine: seconds per iteration and per pass preparation.
struct Machine {
  double fixed_seconds;
  double seconds_per_px;
  double preparation_steps = 2.0;
  /// Caches: every further pixel costs more in large images.
  double large_px_share = 0.0;

  [[nodiscard]] double step(std::int64_t padded_px) const {
    const auto px = static_cast<double>(padded_px);
    return fixed_seconds + seconds_per_px * px * (1.0 + large_px_share * px);
  }
};

std::vector<PassStarted> schedule(const std::vector<std::pair<std::int64_t, int>>& passes) {
  std::vector<PassStarted> list;
  for (const auto& [padded_px, iterations] : passes) {
    PassStarted pass;
    pass.pass_index = static_cast<int>(list.size());
    pass.pass_count = static_cast<int>(passes.size());
    pass.iterations = iterations;
    pass.padded_px = padded_px;
    list.push_back(pass);
  }
  return list;
}

/// 128, 256 and 512 px with a margin of 16: the default.
std::vector<PassStarted> growing() {
  return schedule({{160 * 128, 120}, {288 * 224, 85}, {544 * 416, 60}});
}

/// Largest error of the estimated time left, relative to it, from the first 5 % of the run to its
/// end.
double worst_error(const std::vector<PassStarted>& passes, const Machine& machine) {
  struct Said {
    double at;
    double left;
  };
  EtaEstimator times;
  times.on_schedule(passes);
  std::vector<Said> said;
  double clock = 0.0;
  for (const PassStarted& pass : passes) {
    clock += (machine.preparation_steps - 1.0) * machine.step(pass.padded_px);
    for (int iteration = 1; iteration <= pass.iterations; ++iteration) {
      clock += machine.step(pass.padded_px);
      times.on_step(pass.pass_index, iteration, clock);
      said.push_back({clock, times.left()});
    }
  }
  double worst = 0.0;
  for (const Said& moment : said) {
    if (moment.at < 0.05 * clock || moment.at > 0.95 * clock) continue;
    worst = std::max(worst, std::abs(moment.left / (clock - moment.at) - 1.0));
  }
  EXPECT_NEAR(said.back().left, 0.0, 1e-9);
  return worst;
}

TEST(EtaEstimator, SayNothingBeforeTwoSteps) {
  EtaEstimator times;
  times.on_schedule(growing());
  EXPECT_LT(times.left(), 0.0);
  times.on_step(0, 1, 5.0);
  EXPECT_LT(times.left(), 0.0);
  times.on_step(0, 2, 6.0);
  EXPECT_GT(times.left(), 0.0);
  EXPECT_DOUBLE_EQ(times.steps_per_second(), 1.0);
}

TEST(EtaEstimator, EstimatesPassesOfOneSizeExactly) {
  const auto passes = schedule({{200000, 40}, {200000, 40}, {200000, 40}, {200000, 40}});
  EXPECT_LT(worst_error(passes, {0.01, 1e-6}), 1e-9);
}

TEST(EtaEstimator, EstimateTheGrowingScheduleWithinAFifthAfterATwentieth) {
  // Fixed parts of 4000 to 12000 pixels; large images up to a tenth more expensive.
  for (const double fixed_px : {4000.0, 8000.0, 12000.0}) {
    for (const double large_px_share : {0.0, 2e-7, 4e-7}) {
      const Machine machine{fixed_px * 1e-6, 1e-6, 3.0, large_px_share};
      EXPECT_LT(worst_error(growing(), machine), 0.2) << fixed_px << " " << large_px_share;
    }
  }
}

TEST(EtaEstimator, EstimateAListOfPassesThatShrinks) {
  const auto passes = schedule({{226304, 30}, {64512, 60}, {20480, 60}});
  EXPECT_LT(worst_error(passes, {0.01, 1e-6}), 0.2);
}

TEST(EtaEstimator, GoOnInTheMiddleOfARun) {
  EtaEstimator times;
  times.on_schedule(schedule({{1000, 10}, {1000, 10}}));
  times.on_step(1, 4, 100.0);
  EXPECT_LT(times.left(), 0.0);
  times.on_step(1, 5, 102.0);
  EXPECT_DOUBLE_EQ(times.left(), 10.0);
}

}  // namespace
}  // namespace styletransfer::cli
