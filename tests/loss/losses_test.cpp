#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "loss/content_loss.h"
#include "loss/feature_loss.h"
#include "loss/style/gram_loss.h"
#include "loss/targets.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

Runtime runtime_of(at::ScalarType type) {
  Runtime runtime;
  runtime.feature_type = type;
  return runtime;
}

const std::vector<std::string> kLayers{"relu1_1", "relu2_1", "relu3_1"};

TEST(GramLoss, IsTheMeanSquaredDifferenceOfGramMatrices) {
  const at::Tensor features = random_normal({5, 7, 6}, 1, at::kDouble);
  const at::Tensor target = random_normal({6, 6}, 2, at::kDouble);
  const at::Tensor flat = features.view({35, 6});
  const at::Tensor gram = at::mm(flat.t(), flat) / (6.0 * 35.0);
  GramLoss loss(target, 3.5);
  loss.accumulate(features, 0);
  EXPECT_NEAR(loss.finish().get(), 3.5 * (gram - target).square().mean().item<double>(), 1e-12);
}

TEST(GramLoss, GradientEqualsFiniteDifferences) {
  const at::Tensor features = random_normal({5, 7, 6}, 3, at::kDouble);
  const at::Tensor half = random_normal({6, 6}, 4, at::kDouble);
  const at::Tensor target = half + half.t();
  const auto value = [&](const at::Tensor& x) {
    GramLoss loss(target, 2.0);
    loss.accumulate(x, 0);
    return loss.finish().get();
  };
  GramLoss loss(target, 2.0);
  loss.accumulate(features, 0);
  static_cast<void>(loss.finish());
  at::Tensor gradient = at::zeros_like(features);
  loss.add_gradient(features, 0, false, gradient);
  const at::Tensor direction = random_normal(features.sizes(), 5, at::kDouble);
  const double slope = slope_along(value, features, direction);
  EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-7 * std::abs(slope));
}

TEST(ContentLoss, IsTheMeanSquaredDifferenceOfFeatures) {
  const at::Tensor features = random_normal({5, 7, 6}, 6);
  const at::Tensor target = random_normal({5, 7, 6}, 7);
  ContentLoss loss(target, 2.5);
  loss.accumulate(features, 0);
  const double exact =
      2.5 * (features.to(at::kDouble) - target.to(at::kDouble)).square().mean().item<double>();
  EXPECT_NEAR(loss.finish().get() / exact, 1.0, 1e-6);
  at::Tensor gradient = at::ones_like(features);
  loss.add_gradient(features, 0, false, gradient);
  EXPECT_LT(relative_error(gradient, 1.0 + 5.0 / 210.0 * (features - target)), 1e-6);
}

TEST(FeatureLosses, AddUpOverStripsInEveryForwardPass) {
  const at::Tensor features = random_normal({9, 7, 6}, 8, at::kDouble);
  const at::Tensor gram_target = random_normal({6, 6}, 9, at::kDouble);
  const at::Tensor content_target = random_normal({9, 7, 6}, 10, at::kDouble);
  GramLoss gram(gram_target, 1.0);
  ContentLoss content(content_target, 1.0);
  for (FeatureLoss* loss :
       {static_cast<FeatureLoss*>(&gram), static_cast<FeatureLoss*>(&content)}) {
    loss->accumulate(features, 0);
    const double whole = loss->finish().get();
    for (int evaluation = 0; evaluation < 2; ++evaluation) {
      loss->accumulate(features.narrow(0, 0, 4), 0);
      loss->accumulate(features.narrow(0, 4, 5), 4);
      EXPECT_NEAR(loss->finish().get(), whole, 1e-13 * whole);
    }
  }
}

TEST(FeatureLosses, LetNoGradientThroughAShutRelu) {
  const at::Tensor features = at::relu(random_normal({6, 5, 4}, 11, at::kDouble));
  GramLoss gram(random_normal({4, 4}, 12, at::kDouble), 1.0);
  ContentLoss content(random_normal({6, 5, 4}, 13, at::kDouble), 1.0);
  for (FeatureLoss* loss :
       {static_cast<FeatureLoss*>(&gram), static_cast<FeatureLoss*>(&content)}) {
    loss->accumulate(features, 0);
    static_cast<void>(loss->finish());
    at::Tensor plain = random_normal({6, 5, 4}, 14, at::kDouble);
    at::Tensor gated = plain.clone();
    loss->add_gradient(features, 0, false, plain);
    loss->add_gradient(features, 0, true, gated);
    EXPECT_LT(relative_error(gated, plain * features.gt(0)), 1e-14);
  }
}

TEST(MeanSquare, IsTheMeanOfTheSquaresForEveryType) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kBFloat16}) {
    for (const std::vector<int64_t>& shape : {std::vector<int64_t>{40, 50, 64}, {64, 64}}) {
      const at::Tensor values = random_normal(shape, 15, type);
      const double exact = values.to(at::kDouble).square().mean().item<double>();
      EXPECT_NEAR(mean_square(values) / exact, 1.0, 1e-6);
    }
  }
}

/// Two style images of different sizes and a network.
class StyleTargetTest : public testing::Test {
 protected:
  [[nodiscard]] StyleTarget blended(const std::vector<double>& blend,
                                    const ExecutionPlan& plan = {}) const {
    std::vector<StyleImage> images;
    for (size_t i = 0; i < blend.size(); ++i) images.push_back({images_[i], {}, blend[i]});
    return style_target(features_, kLayers, images, plan);
  }
  [[nodiscard]] StyleTarget alone(size_t index) const {
    return style_target(features_, kLayers, {{images_[index], {}, 1.0}});
  }

  Network network_ = tiny_network();
  FeatureNetwork features_{network_, kLayers, Pooling::kMax, runtime_of(at::kFloat)};
  std::vector<at::Tensor> images_{random_image(24, 32, 16), random_image(19, 41, 17)};
};

TEST_F(StyleTargetTest, HoldsTheGramMatricesOfTheDefinition) {
  const auto exact = naive_features(network_, images_[0]);
  const StyleTarget target = alone(0);
  ASSERT_EQ(target.size(), kLayers.size());
  for (const std::string& layer : kLayers) {
    const at::Tensor flat = exact.at(layer).flatten(1, 2);
    const auto elements = static_cast<double>(flat.numel());
    EXPECT_LT(relative_error(target.at(layer), at::mm(flat, flat.t()) / elements), 1e-5);
  }
}

TEST_F(StyleTargetTest, WithOneAndZeroIsExactlyTheFirstStyleAlone) {
  const StyleTarget blend = blended({1.0, 0.0});
  const StyleTarget first = alone(0);
  for (const std::string& layer : kLayers) {
    EXPECT_TRUE(at::equal(blend.at(layer), first.at(layer)));
  }
}

TEST_F(StyleTargetTest, IsTheWeightedMeanOfTheStyles) {
  const StyleTarget blend = blended({0.3, 0.7});
  const StyleTarget first = alone(0);
  const StyleTarget second = alone(1);
  for (const std::string& layer : kLayers) {
    EXPECT_LT(relative_error(blend.at(layer), 0.3 * first.at(layer) + 0.7 * second.at(layer)),
              1e-12);
  }
}

TEST_F(StyleTargetTest, IsTheSameInStrips) {
  const StyleTarget whole = blended({0.5, 0.5});
  const StyleTarget strips = blended({0.5, 0.5}, {{{4, false}, {2, false}, {2, false}}});
  for (const std::string& layer : kLayers) {
    EXPECT_LT(relative_error(strips.at(layer), whole.at(layer)), 1e-6);
  }
}

TEST(ContentTarget, HoldsTheFeaturesWholeOrInStrips) {
  const Network network = tiny_network();
  const FeatureNetwork features(network, {"relu2_2", "conv3_1"}, Pooling::kMax,
                                runtime_of(at::kFloat));
  const at::Tensor image = random_image(27, 35, 18);
  const auto exact = naive_features(network, image);
  for (const ExecutionPlan& plan :
       {ExecutionPlan{}, ExecutionPlan{{{4, false}, {2, false}, {2}}}}) {
    const ContentTarget target = content_target(features, {"relu2_2", "conv3_1"}, image, plan);
    ASSERT_EQ(target.size(), 2U);
    for (const auto& [layer, values] : target) {
      EXPECT_LT(relative_error(values.permute({2, 0, 1}), exact.at(layer)), 1e-5);
    }
  }
}

}  // namespace
}  // namespace styletransfer
