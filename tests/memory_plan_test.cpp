#include "styletransfer/memory_plan.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "detail/arena.h"
#include "styletransfer/objective.h"
#include "support/tiny_network.h"

namespace styletransfer {
namespace {

constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;

const std::vector<std::string>& layers() {
  static const std::vector<std::string> names{"relu1_1", "relu2_1", "relu3_1",
                                              "relu4_1", "relu4_2", "relu5_1"};
  return names;
}

const FeatureNetwork& network() {
  static const Network tiny = tiny_network({.channels = {16, 32, 64, 64, 64}});
  static const FeatureNetwork features(tiny, layers(), Pooling::kMax, Runtime{});
  return features;
}

MemoryPlan plan(Size size, std::int64_t limit) {
  return plan_memory(network(), size, LossOptions(), OptimizerOptions(), limit);
}

TEST(MemoryPlan, TakesTheWholePictureWhereItFits) {
  const MemoryPlan whole = plan({640, 480}, kNoLimit);
  EXPECT_TRUE(whole.sweep.stages.empty());
  EXPECT_EQ(whole.optimizer.history, OptimizerOptions().history);
  EXPECT_EQ(whole.words, "whole picture");
}

TEST(MemoryPlan, GoesInStripsThroughTheFirstStageOfALargePictureWhereThatIsFree) {
  // As in VGG-19, little of the arithmetic is the first convolution's.
  const Network wide = tiny_network({.channels = {64, 128, 32, 32, 32}});
  const auto words = [&](const std::vector<std::string>& names, Size size) {
    const FeatureNetwork features(wide, names, Pooling::kMax, Runtime{});
    LossOptions loss;
    loss.content_layers = {};
    return plan_memory(features, size, loss, OptimizerOptions(), kNoLimit).words;
  };
  EXPECT_EQ(words(layers(), {1024, 768}), "stage 1 in strips");
  EXPECT_EQ(words(layers(), {768, 576}), "whole picture");
  // The second convolution would be computed twice; or there is no second stage.
  EXPECT_EQ(words({"relu1_2", "relu4_1", "relu4_2"}, {1024, 768}), "whole picture");
  EXPECT_EQ(words({"relu1_1"}, {1024, 768}), "whole picture");
}

TEST(MemoryPlan, GoesIntoStripsBeforeItShortensTheHistory) {
  const Size size{1600, 1200};
  const std::int64_t whole = plan(size, kNoLimit).estimate.total();
  const MemoryPlan tighter = plan(size, whole - 1);
  EXPECT_FALSE(tighter.sweep.stages.empty());
  EXPECT_EQ(tighter.optimizer.history, OptimizerOptions().history);
  EXPECT_LT(tighter.estimate.total(), whole);
}

TEST(MemoryPlan, ShortensTheHistoryWhenStripsAreNotEnough) {
  const Size size{1600, 1200};
  const MemoryPlan least = plan(size, 1);
  const MemoryPlan middle = plan(size, least.estimate.total() + 1);
  EXPECT_LT(middle.optimizer.history, OptimizerOptions().history);
  EXPECT_NE(middle.words.find("history"), std::string::npos) << middle.words;
}

TEST(MemoryPlan, ReturnsTheSmallestPlanWhenNothingFits) {
  EXPECT_GT(plan({1600, 1200}, 1).estimate.total(), 1);
}

TEST(MemoryPlan, NeverExpectsMoreOfATighterLimit) {
  const Size size{2000, 1500};
  std::int64_t last = plan(size, kNoLimit).estimate.total();
  for (std::int64_t limit = last; limit > last / 16; limit = limit * 3 / 4) {
    const std::int64_t now = plan(size, limit).estimate.total();
    EXPECT_LE(now, last);
    last = now;
  }
}

TEST(MemoryPlan, TakesTheLeastArithmeticThatFits) {
  const Size size{2000, 1500};
  const std::int64_t whole = plan(size, kNoLimit).estimate.total();
  double last = 0.0;
  int compared = 0;
  for (std::int64_t limit = whole; limit > 0; limit -= whole / 40) {
    const MemoryPlan tighter = plan(size, limit);
    // A shorter history makes room for the sweeps.
    if (tighter.optimizer.history < OptimizerOptions().history) break;
    const double now = network().sweep_multiply_adds(size.height_px, size.width_px, tighter.sweep);
    EXPECT_GE(now, last) << limit;
    last = now;
    ++compared;
  }
  EXPECT_GT(compared, 5);
}

TEST(MemoryPlan, CountsWhatMasksTake) {
  const Size size{800, 600};
  const auto total = [&](std::int64_t more_bytes_a_pixel) {
    return plan_memory(network(), size, LossOptions(), OptimizerOptions(), kNoLimit,
                       more_bytes_a_pixel)
        .estimate.total();
  };
  EXPECT_EQ(total(10) - total(0), 10 * 800 * 600);
}

/// Bytes that tensors took at their peak while both sweeps ran, without what was there before.
std::int64_t measured_sweep_bytes(Size size, const SweepPlan& sweep) {
  const at::Tensor picture = at::rand({size.height_px, size.width_px, 3});
  const StyleTarget style = style_target(network(), {"relu1_1", "relu4_1"}, {{picture, {}, 1.0}});
  LossOptions loss;
  Objective objective(network(), loss, default_weights(loss.kind), {}, style, sweep);
  detail::Arena& arena = detail::tensor_arena();
  arena.reset_peak();
  const auto before = static_cast<std::int64_t>(arena.bytes_in_use());
  static_cast<void>(objective.evaluate(picture));
  return static_cast<std::int64_t>(arena.peak_bytes_in_use()) - before;
}

TEST(MemoryPlan, ExpectsWhatTheSweepsTakeWithinAQuarter) {
  detail::install_tensor_arena();
  if (detail::tensor_arena().bytes_in_use() == 0 && at::rand({1 << 20}).numel() > 0 &&
      detail::tensor_arena().peak_bytes_in_use() == 0) {
    GTEST_SKIP() << "tensors do not live in the arena in this build";
  }
  for (const Size size : {Size{640, 480}, Size{1100, 700}, Size{900, 1300}, Size{1600, 1200}}) {
    for (const bool strips : {false, true}) {
      SweepPlan sweep;
      if (strips) sweep.stages = {{128, false}, {64, false}};
      const auto expected =
          static_cast<double>(network().sweep_bytes(size.height_px, size.width_px, sweep));
      const auto measured = static_cast<double>(measured_sweep_bytes(size, sweep));
      EXPECT_LT(std::abs(expected - measured), 0.25 * measured)
          << size.width_px << "x" << size.height_px << " strips " << strips << ": " << expected
          << " against " << measured;
    }
  }
}

}  // namespace
}  // namespace styletransfer
