// CheckpointPace on simulated clocks.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "cli/checkpoint/checkpointing.h"

namespace styletransfer::cli {
namespace {

/// Iterations at which a checkpoint is saved.
std::vector<int> saved(CheckpointPace pace, int steps, double step_seconds, double save_seconds,
                       std::int64_t padded_px = 200000) {
  std::vector<int> at;
  pace.on_pass(padded_px);
  double clock = 0.0;
  for (int step = 1; step <= steps; ++step) {
    clock += step_seconds;
    pace.on_step(clock);
    if (!pace.is_due()) continue;
    at.push_back(step);
    clock += save_seconds;
    pace.on_saved(save_seconds);
  }
  return at;
}

TEST(CheckpointPace, SavesEverySoManyStepsWhenTold) {
  EXPECT_EQ(saved(CheckpointPace(4), 13, 0.1, 5.0), (std::vector<int>{4, 8, 12}));
  EXPECT_EQ(saved(CheckpointPace(1), 3, 0.1, 5.0), (std::vector<int>{1, 2, 3}));
}

TEST(CheckpointPace, NeverSavesAtZero) {
  EXPECT_TRUE(saved(CheckpointPace(0), 1000, 60.0, 0.1).empty());
}

TEST(CheckpointPace, TakesUnderAHundredthOfTheTimeByItself) {
  for (const double save_seconds : {0.01, 0.5, 3.0, 20.0}) {
    const int steps = 5000;
    const auto at = saved(CheckpointPace(std::nullopt), steps, 1.0, save_seconds);
    ASSERT_FALSE(at.empty());
    // The first checkpoint is saved before its cost is known.
    EXPECT_LE(static_cast<double>(at.size() - 1) * save_seconds, 0.01 * steps) << save_seconds;
    EXPECT_GE(at.front(), 30);
  }
}

TEST(CheckpointPace, LeavesShortRunsAlone) {
  EXPECT_TRUE(saved(CheckpointPace(std::nullopt), 100, 0.15, 0.1).empty());
}

TEST(CheckpointPace, WaitsLongerBeforeTheFirstLargeState) {
  const auto small = saved(CheckpointPace(std::nullopt), 100000, 1.0, 0.1, 200000);
  const auto large = saved(CheckpointPace(std::nullopt), 100000, 1.0, 0.1, 12000000);
  EXPECT_LT(small.front(), 60);
  EXPECT_GT(large.front(), 600);
}

}  // namespace
}  // namespace styletransfer::cli
