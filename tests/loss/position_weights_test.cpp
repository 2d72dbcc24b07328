// Tests of losses with position weights.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "loss/content_loss.h"
#include "loss/feature_loss.h"
#include "loss/objective.h"
#include "loss/style/gram_loss.h"
#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "support/numbers.h"
#include "support/tiny_network.h"
#include "vgg/features.h"

namespace styletransfer {
namespace {

constexpr int64_t kHeight = 18;
constexpr int64_t kWidth = 21;
const std::vector<std::string> kLayers{"relu1_1", "relu2_2", "relu3_1"};

/// Weights distributed over 0..1.
at::Tensor random_weights(int64_t height, int64_t width, std::uint64_t seed) {
  return random_image(height, width, seed).select(2, 0).contiguous();
}

/// 1 in the leftmost `columns` columns, otherwise 0.
at::Tensor left_part(int64_t height, int64_t width, int64_t columns) {
  at::Tensor weights = at::zeros({height, width});
  weights.narrow(1, 0, columns).fill_(1.0F);
  return weights;
}

Runtime in_float64() {
  Runtime runtime;
  runtime.feature_type = at::kDouble;
  return runtime;
}

TEST(LayerPositions, AreTheMeanOverThePixelsOfEachPosition) {
  const FeatureNetwork network(tiny_network(), kLayers, Pooling::kMax, in_float64());
  const at::Tensor pixels = random_weights(16, 24, 1);
  const LayerWeights weights = layer_weights(network, kLayers, pixels);
  EXPECT_TRUE(at::equal(weights.at("relu1_1"), pixels));
  const at::Tensor batch = pixels.unsqueeze(0).unsqueeze(0);
  EXPECT_LT(relative_error(weights.at("relu2_2"), at::avg_pool2d(batch, 2, 2)[0][0]), 1e-6);
  EXPECT_LT(relative_error(weights.at("relu3_1"), at::avg_pool2d(batch, 4, 4)[0][0]), 1e-6);
}

TEST(LayerPositions, FitEveryLayerOfAnOddImage) {
  const FeatureNetwork network(tiny_network(), kLayers, Pooling::kMax, in_float64());
  for (const auto& [layer, weights] : layer_weights(network, kLayers, at::ones({19, 29}))) {
    const auto shape = network.shape_of(layer, 19, 29);
    EXPECT_EQ(weights.sizes(), at::IntArrayRef({shape.height, shape.width}));
    EXPECT_LT(relative_error(weights, at::ones_like(weights)), 1e-6);
  }
}

TEST(PositionWeights, GiveEachStripItsRowsAndTheirSum) {
  const at::Tensor weights = random_weights(7, 9, 15);
  PositionWeights positions(weights);
  for (int time = 0; time < 2; ++time) {
    const StripWeights strip = positions.beside(at::zeros({3, 9, 5}), 2);
    EXPECT_TRUE(at::equal(strip.flat, weights.narrow(0, 2, 3).flatten()));
    EXPECT_EQ(strip.sum, weights.narrow(0, 2, 3).sum(at::kDouble).item<double>());
  }
  const StripWeights other = positions.beside(at::zeros({4, 9, 5}), 2);
  EXPECT_EQ(other.sum, weights.narrow(0, 2, 4).sum(at::kDouble).item<double>());
}

TEST(PositionWeights, CountEachPositionOnceWhereThereAreNone) {
  const StripWeights strip = PositionWeights().beside(at::zeros({3, 9, 5}), 2);
  EXPECT_FALSE(strip.flat.defined());
  EXPECT_EQ(strip.sum, 27.0);
}

TEST(GramMatrix, OfZeroAndOneWeightsIsThatOfTheChosenPositions) {
  const at::Tensor features = random_normal({7, 9, 5}, 2, at::kDouble);
  GramSum chosen(left_part(7, 9, 4));
  chosen.add(features.narrow(0, 0, 3), 0);
  chosen.add(features.narrow(0, 3, 4), 3);
  EXPECT_DOUBLE_EQ(chosen.positions(), 28.0);
  GramSum alone;
  alone.add(features.narrow(1, 0, 4).contiguous(), 0);
  EXPECT_LT(relative_error(chosen.take(), alone.take()), 1e-12);
}

/// Value and gradient of a loss of one layer with the given weights (undefined for none).
struct Measured {
  double value;
  at::Tensor gradient;
};
Measured measure(bool of_gram, const at::Tensor& features, const at::Tensor& weights,
                 bool through_relu = false) {
  const int64_t channels = features.size(2);
  GramLoss gram(random_normal({channels, channels}, 3, at::kDouble).fill_diagonal_(1.0).triu() +
                    random_normal({channels, channels}, 3, at::kDouble).triu(1).t(),
                2.0, weights);
  ContentLoss content(random_normal(features.sizes(), 4, at::kDouble), 2.0, weights);
  FeatureLoss& loss = of_gram ? static_cast<FeatureLoss&>(gram) : content;
  loss.accumulate(features, 0);
  Measured result{loss.finish().get(), at::zeros_like(features)};
  loss.add_gradient(features, 0, through_relu, result.gradient);
  return result;
}

TEST(WeightedLosses, WithWeightsOfOneEqualThePlainLosses) {
  const at::Tensor features = random_normal({6, 8, 5}, 5, at::kDouble);
  for (const bool of_gram : {true, false}) {
    const Measured weighted = measure(of_gram, features, at::ones({6, 8}));
    const Measured plain = measure(of_gram, features, {});
    EXPECT_NEAR(weighted.value, plain.value, 1e-12 * plain.value);
    EXPECT_LT(relative_error(weighted.gradient, plain.gradient), 1e-12);
  }
}

TEST(WeightedLosses, GradientEqualsFiniteDifferences) {
  const at::Tensor features = random_normal({6, 8, 5}, 6, at::kDouble);
  const at::Tensor weights = random_weights(6, 8, 7);
  for (const bool of_gram : {true, false}) {
    const at::Tensor direction = random_normal(features.sizes(), 8, at::kDouble);
    const double slope =
        slope_along([&](const at::Tensor& x) { return measure(of_gram, x, weights).value; },
                    features, direction);
    const at::Tensor gradient = measure(of_gram, features, weights).gradient;
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-6 * std::abs(slope));
  }
}

TEST(WeightedLosses, AskNothingOfPositionsWithoutWeight) {
  const at::Tensor features = random_normal({6, 8, 5}, 9, at::kDouble);
  at::Tensor others = features.clone();
  others.narrow(1, 3, 5).add_(100.0);
  for (const bool of_gram : {true, false}) {
    const Measured here = measure(of_gram, features, left_part(6, 8, 3));
    EXPECT_EQ(here.gradient.narrow(1, 3, 5).count_nonzero().item<int64_t>(), 0);
    EXPECT_EQ(measure(of_gram, others, left_part(6, 8, 3)).value, here.value);
  }
}

TEST(WeightedLosses, LetNoGradientThroughAShutRelu) {
  const at::Tensor features = at::relu(random_normal({6, 8, 5}, 10, at::kDouble));
  for (const bool of_gram : {true, false}) {
    const at::Tensor weights = random_weights(6, 8, 11);
    EXPECT_LT(relative_error(measure(of_gram, features, weights, true).gradient,
                             measure(of_gram, features, weights).gradient * features.gt(0)),
              1e-14);
  }
}

TEST(WeightedLosses, StayFiniteWhereNothingCounts) {
  const at::Tensor features = random_normal({6, 8, 5}, 12, at::kDouble);
  for (const bool of_gram : {true, false}) {
    const Measured nothing = measure(of_gram, features, at::zeros({6, 8}));
    EXPECT_TRUE(std::isfinite(nothing.value));
    EXPECT_EQ(nothing.gradient.count_nonzero().item<int64_t>(), 0);
  }
}

TEST(MeanSquare, OfWeightedFeaturesIsTheWeightedMean) {
  const at::Tensor features = random_normal({6, 8, 5}, 13, at::kDouble);
  const at::Tensor weights = random_weights(6, 8, 14).to(at::kDouble);
  const double exact = (features.square() * weights.unsqueeze(2)).sum().item<double>() /
                       (5.0 * weights.sum().item<double>());
  EXPECT_NEAR(mean_square(features, weights), exact, 1e-12 * exact);
}

Objective weighted_objective(const FeatureNetwork& network, const LossOptions& options,
                             const ExecutionPlan& plan) {
  std::vector<std::string> layers = options.style_layers;
  layers.insert(layers.end(), options.content_layers.begin(), options.content_layers.end());
  const at::Tensor content = random_image(kHeight, kWidth, 15, at::kDouble);
  const at::Tensor style = random_image(20, 17, 16, at::kDouble);
  return {
      network,
      options,
      {1.0, 12.0, 0.0},
      content_target(network, options.content_layers, content, plan),
      style_target(network, options.style_layers, {{style, random_weights(20, 17, 17), 1.0}}, plan),
      plan,
      layer_weights(network, layers, random_weights(kHeight, kWidth, 18))};
}

TEST(WeightedObjective, GradientEqualsFiniteDifferencesAndEveryPlanAgrees) {
  LossOptions options;
  options.content_layers = {"relu2_2"};
  options.style_layers = kLayers;
  const FeatureNetwork network(tiny_network(), kLayers, Pooling::kMax, in_float64());
  Objective whole = weighted_objective(network, options, {});
  Objective strips = weighted_objective(network, options, {{{4, false}, {2, true}, {2, false}}});
  const at::Tensor start = random_image(kHeight, kWidth, 19, at::kDouble);
  const Objective::Evaluation wanted = whole.evaluate(start);
  const Objective::Evaluation got = strips.evaluate(start);
  EXPECT_NEAR(got.loss / wanted.loss, 1.0, 1e-10);
  EXPECT_LT(relative_error(got.gradient, wanted.gradient), 1e-10);
  const at::Tensor direction = random_normal(start.sizes(), 20, at::kDouble);
  const double slope =
      slope_along([&](const at::Tensor& x) { return whole.value(x); }, start, direction);
  EXPECT_NEAR((wanted.gradient * direction).sum().item<double>(), slope,
              1e-5 * wanted.gradient.norm().item<double>());
}

}  // namespace
}  // namespace styletransfer
