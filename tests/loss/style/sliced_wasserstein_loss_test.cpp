#include "loss/style/sliced_wasserstein_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loss/style/log_bins.h"
#include "support/feature_loss_claims.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kRows = 9;
constexpr int64_t kColumns = 7;
constexpr int64_t kChannels = 5;
constexpr double kWeight = 2.5;

at::Tensor features_of(std::uint64_t seed, double shift = 0.3) {
  const at::Tensor mixing = random_normal({kChannels, kChannels}, seed + 100, at::kDouble);
  return at::matmul(random_normal({kRows, kColumns, kChannels}, seed, at::kDouble), mixing) + shift;
}

at::Tensor histograms_of(const at::Tensor& features, const at::Tensor& weights = {}) {
  ProjectionHistograms histograms(weights);
  histograms.add(features, 0);
  return histograms.take();
}

double value_of(const at::Tensor& features, const at::Tensor& target,
                const at::Tensor& weights = {}) {
  SlicedWassersteinLoss loss(target, kWeight, weights);
  return styletransfer::value_of(loss, features);
}

at::Tensor gradient_of(const at::Tensor& features, const at::Tensor& target,
                       const at::Tensor& weights = {}) {
  SlicedWassersteinLoss loss(target, kWeight, weights);
  return styletransfer::gradient_of(loss, features);
}

// The loss is piecewise linear with kinks at nodes; the step is too small to cross one.
void expect_slope(const at::Tensor& features, const at::Tensor& target, const at::Tensor& weights) {
  constexpr double kStep = 1e-7;
  const at::Tensor gradient = gradient_of(features, target, weights);
  for (std::uint64_t seed : {5U, 6U, 7U}) {
    const at::Tensor direction = random_normal(features.sizes(), seed, at::kDouble);
    const double slope = (value_of(features + kStep * direction, target, weights) -
                          value_of(features - kStep * direction, target, weights)) /
                         (2 * kStep);
    // Terms of both signs cancel; the error of the sum is relative to the terms.
    const at::Tensor parts = gradient * direction;
    EXPECT_NEAR(parts.sum().item<double>(), slope, 1e-6 * parts.abs().sum().item<double>());
  }
}

TEST(LogBins, HasZeroInTheMiddleAndTheSameNodesOnBothSides) {
  EXPECT_EQ(log_bins::value_at(log_bins::kSteps), 0.0);
  for (int64_t node : {0, 1, 100, 500}) {
    EXPECT_EQ(log_bins::value_at(node), -log_bins::value_at(log_bins::kNodes - 1 - node));
    EXPECT_LT(log_bins::value_at(node), log_bins::value_at(node + 1));
  }
}

TEST(LogBins, PlacesANumberWhereItsNodesAddUpToIt) {
  for (const double value : {0.0, 1e-7, 0.31, -0.31, 7.9, -1234.5, 60000.0, -60000.0}) {
    const auto place = log_bins::position_of(value);
    const double lower = log_bins::value_at(place.lower);
    const double upper = log_bins::value_at(place.lower + 1);
    EXPECT_NEAR(lower + place.share_of_upper * (upper - lower), value,
                1e-12 * (1.0 + std::abs(value)));
    EXPECT_LE(upper - lower, 0.04 * std::abs(value) + 1e-3);
    const auto in_float = log_bins::position_of(static_cast<float>(value));
    EXPECT_NEAR(static_cast<double>(in_float.lower) + in_float.share_of_upper,
                static_cast<double>(place.lower) + place.share_of_upper, 1e-2);
  }
}

TEST(LogBins, TakesNumbersBeyondItForItsEnds) {
  EXPECT_EQ(log_bins::position_of(1e9F).lower, log_bins::kNodes - 2);
  EXPECT_EQ(log_bins::position_of(-1e9F).lower, 0);
  const float nan = std::nanf("");
  EXPECT_LE(log_bins::position_of(nan).lower, log_bins::kNodes - 2);
}

TEST(ProjectionHistograms, KeepTheLengthOfTheFeatures) {
  const at::Tensor features = features_of(1) * 50.0;
  const double power = features.square().sum(2).mean().item<double>();
  EXPECT_NEAR(projected_power(histograms_of(features)), power, 2e-3 * power);
  EXPECT_LT((histograms_of(features).sum(1) - 1.0).abs().max().item<double>(), 1e-12);
}

TEST(SlicedWassersteinLoss, VanishesAtTheTargetAndAtItsPositionsInAnyOrder) {
  const at::Tensor features = features_of(1);
  const at::Tensor target = histograms_of(features);
  EXPECT_NEAR(value_of(features, target), 0.0, 1e-12);
  EXPECT_NEAR(value_of(features.flip({0, 1}).contiguous(), target), 0.0, 1e-3);
}

TEST(SlicedWassersteinLoss, OfShiftedFeaturesIsTheSquaredShift) {
  const at::Tensor features = features_of(2) * 20.0;
  const double value = value_of(features + 5.0, histograms_of(features));
  const double expected = kWeight * kChannels * 25.0;
  EXPECT_NEAR(value, expected, 0.02 * expected);
}

TEST(SlicedWassersteinLoss, IsTheDistanceOfSortedProjections) {
  const at::Tensor one = features_of(3) * 20.0;
  const at::Tensor other = features_of(4) * 20.0;
  // With a single channel the only direction is the axis itself.
  const at::Tensor apart = std::get<0>(one.select(2, 0).flatten().sort()) -
                           std::get<0>(other.select(2, 0).flatten().sort());
  const double expected = kWeight * apart.square().mean().item<double>();
  const double value =
      value_of(one.narrow(2, 0, 1).contiguous(), histograms_of(other.narrow(2, 0, 1).contiguous()));
  EXPECT_NEAR(value, expected, 0.02 * expected);
}

TEST(SlicedWassersteinLoss, SeesWhatMeanAndCovarianceDoNot) {
  // Two distinct values versus three, with the same mean and variance.
  const at::Tensor two = at::tensor({-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0}).view({1, 8, 1});
  const double edge = std::sqrt(2.0);
  const at::Tensor three =
      at::tensor({-edge, 0.0, 0.0, edge, -edge, 0.0, 0.0, edge}).view({1, 8, 1});
  EXPECT_GT(value_of(two.to(at::kDouble), histograms_of(three.to(at::kDouble))), 0.2 * kWeight);
}

TEST(SlicedWassersteinLoss, GradientEqualsFiniteDifferences) {
  expect_slope(features_of(3), histograms_of(features_of(4, -0.2)), {});
}

TEST(SlicedWassersteinLoss, WeightedGradientEqualsFiniteDifferences) {
  const at::Tensor weights = random_image(kRows, kColumns, 8).select(2, 0).contiguous();
  expect_slope(features_of(3), histograms_of(features_of(4, -0.2)), weights);
}

TEST(SlicedWassersteinLoss, OfZeroAndOneWeightsIsThatOfTheChosenPositions) {
  at::Tensor weights = at::zeros({kRows, kColumns});
  weights.narrow(0, 0, 4).fill_(1.0F);
  const at::Tensor features = features_of(9);
  const at::Tensor target = histograms_of(features_of(10));
  EXPECT_NEAR(value_of(features, target, weights),
              value_of(features.narrow(0, 0, 4).contiguous(), target), 1e-10);
}

TEST(SlicedWassersteinLoss, AddsUpOverStripsInEveryForwardPass) {
  SlicedWassersteinLoss loss(histograms_of(features_of(12)), kWeight);
  expect_sums_over_strips(loss, features_of(11));
}

TEST(SlicedWassersteinLoss, GoesThroughTheReluWhereAsked) {
  SlicedWassersteinLoss loss(histograms_of(features_of(14).clamp_min(0.0)), 1.0);
  expect_to_go_through_the_relu(loss, features_of(13).clamp_min(0.0));
}

TEST(SlicedWassersteinLoss, StaysFiniteWhereNothingCounts) {
  const at::Tensor features = features_of(15);
  const at::Tensor target = histograms_of(features_of(16));
  const at::Tensor nothing = at::zeros({kRows, kColumns});
  EXPECT_EQ(value_of(features, target, nothing), 0.0);
  EXPECT_EQ(gradient_of(features, target, nothing).abs().max().item<double>(), 0.0);
  EXPECT_EQ(value_of(features, at::zeros_like(target)), 0.0);
}

TEST(SlicedWassersteinLoss, AgreesAcrossFeatureTypes) {
  const at::Tensor features = features_of(17).clamp_min(0.0).to(at::kFloat) * 30.0;
  const at::Tensor target = histograms_of(features_of(18).clamp_min(0.0) * 30.0);
  const double exact = value_of(features.to(at::kDouble), target);
  EXPECT_NEAR(value_of(features, target), exact, 1e-3 * exact);
  EXPECT_NEAR(value_of(features.to(at::kBFloat16), target), exact, 2e-2 * exact);
}

}  // namespace
}  // namespace styletransfer::detail
