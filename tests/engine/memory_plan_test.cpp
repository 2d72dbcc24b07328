#include "engine/memory_plan.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "device/caching_allocator.h"
#include "loss/objective.h"
#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

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

TEST(MemoryPlan, TakesTheWholeImageWhereItFits) {
  const MemoryPlan whole = plan({640, 480}, kNoLimit);
  EXPECT_TRUE(whole.execution.blocks.empty());
  EXPECT_EQ(whole.optimizer.history, OptimizerOptions().history);
  EXPECT_EQ(whole.summary, "whole image");
}

TEST(MemoryPlan, RunsTheFirstBlockOfALargeImageInStripsWhereThatIsFree) {
  // As in VGG-19, the first convolution has little of the arithmetic.
  const Network wide = tiny_network({.channels = {64, 128, 32, 32, 32}});
  const auto summary = [&](const std::vector<std::string>& names, Size size) {
    const FeatureNetwork features(wide, names, Pooling::kMax, Runtime{});
    LossOptions loss;
    loss.content_layers = {};
    return plan_memory(features, size, loss, OptimizerOptions(), kNoLimit).summary;
  };
  EXPECT_EQ(summary(layers(), {1024, 768}), "stage 1 in strips");
  EXPECT_EQ(summary(layers(), {768, 576}), "whole image");
  // The second convolution would be recomputed; or there is no second block.
  EXPECT_EQ(summary({"relu1_2", "relu4_1", "relu4_2"}, {1024, 768}), "whole image");
  EXPECT_EQ(summary({"relu1_1"}, {1024, 768}), "whole image");
}

TEST(MemoryPlan, GoesIntoStripsBeforeItShortensTheHistory) {
  const Size size{1600, 1200};
  const std::int64_t whole = plan(size, kNoLimit).estimate.total();
  const MemoryPlan tighter = plan(size, whole - 1);
  EXPECT_FALSE(tighter.execution.blocks.empty());
  EXPECT_EQ(tighter.optimizer.history, OptimizerOptions().history);
  EXPECT_LT(tighter.estimate.total(), whole);
}

TEST(MemoryPlan, ShortensTheHistoryWhenStripsAreNotEnough) {
  const Size size{1600, 1200};
  const MemoryPlan smallest = plan(size, 1);
  const MemoryPlan middle = plan(size, smallest.estimate.total() + 1);
  EXPECT_LT(middle.optimizer.history, OptimizerOptions().history);
  EXPECT_NE(middle.summary.find("history"), std::string::npos) << middle.summary;
}

TEST(MemoryPlan, ReturnsTheSmallestPlanWhenNothingFits) {
  EXPECT_GT(plan({1600, 1200}, 1).estimate.total(), 1);
}

TEST(MemoryPlan, NeverEstimatesMoreForATighterLimit) {
  const Size size{2000, 1500};
  std::int64_t last = plan(size, kNoLimit).estimate.total();
  for (std::int64_t limit = last; limit > last / 16; limit = limit * 3 / 4) {
    const std::int64_t now = plan(size, limit).estimate.total();
    EXPECT_LE(now, last);
    last = now;
  }
}

TEST(MemoryPlan, TakesTheMinArithmeticThatFits) {
  const Size size{2000, 1500};
  const std::int64_t whole = plan(size, kNoLimit).estimate.total();
  double last = 0.0;
  int compared = 0;
  for (std::int64_t limit = whole; limit > 0; limit -= whole / 40) {
    const MemoryPlan tighter = plan(size, limit);
    // A shorter history makes room for the activations.
    if (tighter.optimizer.history < OptimizerOptions().history) break;
    const double now =
        network().execution_multiply_adds(size.height_px, size.width_px, tighter.execution);
    EXPECT_GE(now, last) << limit;
    last = now;
    ++compared;
  }
  EXPECT_GT(compared, 5);
}

TEST(MemoryPlan, CountsWhatMasksTake) {
  const Size size{800, 600};
  const auto total = [&](std::int64_t extra_bytes_per_pixel) {
    return plan_memory(network(), size, LossOptions(), OptimizerOptions(), kNoLimit,
                       extra_bytes_per_pixel)
        .estimate.total();
  };
  EXPECT_EQ(total(10) - total(0), 10 * 800 * 600);
}

/// Peak bytes of tensors during the forward and backward pass, minus those allocated before.
std::int64_t measured_execution_bytes(Size size, const ExecutionPlan& execution) {
  const at::Tensor image = at::rand({size.height_px, size.width_px, 3});
  const StyleTarget style = style_target(network(), {"relu1_1", "relu4_1"}, {{image, {}, 1.0}});
  LossOptions loss;
  Objective objective(network(), loss, default_weights(loss.kind), {}, style, execution);
  detail::CachingAllocator& allocator = detail::tensor_allocator();
  allocator.reset_peak();
  const auto before = static_cast<std::int64_t>(allocator.bytes_in_use());
  static_cast<void>(objective.evaluate(image));
  return static_cast<std::int64_t>(allocator.peak_bytes_in_use()) - before;
}

TEST(MemoryPlan, EstimatesForwardAndBackwardPassWithinAQuarter) {
  detail::install_tensor_allocator();
  if (detail::tensor_allocator().bytes_in_use() == 0 && at::rand({1 << 20}).numel() > 0 &&
      detail::tensor_allocator().peak_bytes_in_use() == 0) {
    GTEST_SKIP() << "tensors do not live in the arena in this build";
  }
  for (const Size size : {Size{640, 480}, Size{1100, 700}, Size{900, 1300}, Size{1600, 1200}}) {
    for (const bool strips : {false, true}) {
      ExecutionPlan execution;
      if (strips) execution.blocks = {{128, false}, {64, false}};
      const auto expected =
          static_cast<double>(network().execution_bytes(size.height_px, size.width_px, execution));
      const auto measured = static_cast<double>(measured_execution_bytes(size, execution));
      EXPECT_LT(std::abs(expected - measured), 0.25 * measured)
          << size.width_px << "x" << size.height_px << " strips " << strips << ": " << expected
          << " against " << measured;
    }
  }
}

}  // namespace
}  // namespace styletransfer
