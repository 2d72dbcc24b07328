#include <gtest/gtest.h>

#include "styletransfer/error.h"
#include "styletransfer/schedule.h"

namespace styletransfer {
namespace {

TEST(Strength, OfFiftyIsTheDefaultWeights) {
  const Weights standard = default_weights(LossKind::kRelative);
  const Weights middle = weights_of_strength(50.0);
  EXPECT_NEAR(middle.content_weight, standard.content_weight, 1e-12);
  EXPECT_NEAR(middle.style_weight, standard.style_weight, 1e-12);
  EXPECT_EQ(middle.tv_weight, standard.tv_weight);
}

TEST(Strength, MultipliesTheRatioByFiveAQuarterAndKeepsTheSum) {
  const auto ratio = [](double strength) {
    const Weights weights = weights_of_strength(strength);
    return weights.style_weight / weights.content_weight;
  };
  for (double strength = 0.0; strength <= 75.0; strength += 12.5) {
    EXPECT_NEAR(ratio(strength + 25.0) / ratio(strength), 5.0, 1e-9);
    const Weights weights = weights_of_strength(strength);
    EXPECT_NEAR(weights.content_weight + weights.style_weight, 13.0, 1e-12);
  }
}

TEST(Strength, SetsTheWeightsOfEveryPass) {
  ScheduleOptions options;
  options.strength = 80.0;
  const Weights wanted = weights_of_strength(80.0);
  for (const Pass& pass : make_schedule(options, {400, 300})) {
    EXPECT_EQ(pass.weights.content_weight, wanted.content_weight);
    EXPECT_EQ(pass.weights.style_weight, wanted.style_weight);
  }
}

TEST(Strength, RefusesWhatItReplacesAndTheClassicLoss) {
  const auto refused = [](const auto& change) {
    ScheduleOptions options;
    options.strength = 30.0;
    change(options);
    EXPECT_THROW(static_cast<void>(make_schedule(options, {400, 300})), UsageError);
  };
  refused([](ScheduleOptions& options) { options.strength = 100.5; });
  refused([](ScheduleOptions& options) { options.strength = -1.0; });
  refused([](ScheduleOptions& options) { options.loss = LossKind::kClassic; });
  refused([](ScheduleOptions& options) { options.content_weight = 1.0; });
  refused([](ScheduleOptions& options) { options.style_weight = 12.0; });
  refused([](ScheduleOptions& options) {
    PassOverrides pass;
    pass.style_weight = 3.0;
    options.pass_list = {pass};
  });
}

}  // namespace
}  // namespace styletransfer
