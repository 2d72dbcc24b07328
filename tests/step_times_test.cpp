// The time left, told on simulated clocks.
#include "cli/step_times.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace styletransfer::cli {
namespace {

/// A machine by the seconds that a step and a pass's preparation take.
struct Machine {
  double fixed_seconds;
  double seconds_per_px;
  double preparation_steps = 2.0;
  /// Caches: every further pixel costs more in large pictures.
  double large_px_share = 0.0;

  [[nodiscard]] double step(std::int64_t worked_px) const {
    const auto px = static_cast<double>(worked_px);
    return fixed_seconds + seconds_per_px * px * (1.0 + large_px_share * px);
  }
};

std::vector<PassStarted> schedule(const std::vector<std::pair<std::int64_t, int>>& passes) {
  std::vector<PassStarted> list;
  for (const auto& [worked_px, iterations] : passes) {
    PassStarted pass;
    pass.pass_index = static_cast<int>(list.size());
    pass.pass_count = static_cast<int>(passes.size());
    pass.iterations = iterations;
    pass.worked_px = worked_px;
    list.push_back(pass);
  }
  return list;
}

/// 128, 256 and 512 px with a margin of 16: the default.
std::vector<PassStarted> growing() {
  return schedule({{160 * 128, 120}, {288 * 224, 85}, {544 * 416, 60}});
}

/// Of every moment from the first twentieth of the time to the last: the largest error of the time
/// left, as a share of it.
double worst_error(const std::vector<PassStarted>& passes, const Machine& machine) {
  struct Said {
    double at;
    double left;
  };
  StepTimes times;
  times.on_schedule(passes);
  std::vector<Said> said;
  double clock = 0.0;
  for (const PassStarted& pass : passes) {
    clock += (machine.preparation_steps - 1.0) * machine.step(pass.worked_px);
    for (int iteration = 1; iteration <= pass.iterations; ++iteration) {
      clock += machine.step(pass.worked_px);
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

TEST(StepTimes, SayNothingBeforeTwoSteps) {
  StepTimes times;
  times.on_schedule(growing());
  EXPECT_LT(times.left(), 0.0);
  times.on_step(0, 1, 5.0);
  EXPECT_LT(times.left(), 0.0);
  times.on_step(0, 2, 6.0);
  EXPECT_GT(times.left(), 0.0);
  EXPECT_DOUBLE_EQ(times.steps_per_second(), 1.0);
}

TEST(StepTimes, ForetellPassesOfOneSizeExactly) {
  const auto passes = schedule({{200000, 40}, {200000, 40}, {200000, 40}, {200000, 40}});
  EXPECT_LT(worst_error(passes, {0.01, 1e-6}), 1e-9);
}

TEST(StepTimes, ForetellTheGrowingScheduleWithinAFifthAfterATwentieth) {
  // Fixed parts of 4000 to 12000 pixels; large pictures up to a tenth dearer.
  for (const double fixed_px : {4000.0, 8000.0, 12000.0}) {
    for (const double large_px_share : {0.0, 2e-7, 4e-7}) {
      const Machine machine{fixed_px * 1e-6, 1e-6, 3.0, large_px_share};
      EXPECT_LT(worst_error(growing(), machine), 0.2) << fixed_px << " " << large_px_share;
    }
  }
}

TEST(StepTimes, ForetellAListOfPassesThatShrinks) {
  const auto passes = schedule({{226304, 30}, {64512, 60}, {20480, 60}});
  EXPECT_LT(worst_error(passes, {0.01, 1e-6}), 0.2);
}

TEST(StepTimes, GoOnInTheMiddleOfARun) {
  StepTimes times;
  times.on_schedule(schedule({{1000, 10}, {1000, 10}}));
  times.on_step(1, 4, 100.0);
  EXPECT_LT(times.left(), 0.0);
  times.on_step(1, 5, 102.0);
  EXPECT_DOUBLE_EQ(times.left(), 10.0);
}

}  // namespace
}  // namespace styletransfer::cli
