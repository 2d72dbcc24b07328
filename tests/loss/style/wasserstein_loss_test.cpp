#include "loss/style/wasserstein_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loss/style/gaussian_transport.h"
#include "support/feature_loss_claims.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

constexpr int64_t kRows = 9;
constexpr int64_t kColumns = 7;
constexpr int64_t kChannels = 5;

at::Tensor features_of(std::uint64_t seed, double shift = 0.3) {
  const at::Tensor mixing = random_normal({kChannels, kChannels}, seed + 100, at::kDouble);
  return at::matmul(random_normal({kRows, kColumns, kChannels}, seed, at::kDouble), mixing) + shift;
}

at::Tensor moments_of(const at::Tensor& features, const at::Tensor& weights = {}) {
  MomentSum sum(weights);
  sum.add(features, 0);
  return sum.take();
}

double value_of(const at::Tensor& features, const at::Tensor& target,
                const at::Tensor& weights = {}) {
  WassersteinLoss loss(target, 2.5, weights);
  return styletransfer::value_of(loss, features);
}

at::Tensor gradient_of(const at::Tensor& features, const at::Tensor& target,
                       const at::Tensor& weights = {}) {
  WassersteinLoss loss(target, 2.5, weights);
  return styletransfer::gradient_of(loss, features);
}

void expect_slope(const at::Tensor& features, const at::Tensor& target, const at::Tensor& weights) {
  const at::Tensor gradient = gradient_of(features, target, weights);
  for (std::uint64_t seed : {5U, 6U, 7U}) {
    const at::Tensor direction = random_normal(features.sizes(), seed, at::kDouble);
    const double slope = slope_along(
        [&](const at::Tensor& x) { return value_of(x, target, weights); }, features, direction);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-6 * std::abs(slope));
  }
}

TEST(MomentSum, HoldsMeanAndSecondMoment) {
  const at::Tensor features = features_of(1);
  const at::Tensor flat = features.flatten(0, 1);
  const at::Tensor moments = moments_of(features);
  EXPECT_LT(relative_error(moments[kChannels], flat.mean(0)), 1e-12);
  EXPECT_LT(relative_error(moments.narrow(0, 0, kChannels),
                           at::mm(flat.t(), flat) / static_cast<double>(kRows * kColumns)),
            1e-12);
}

TEST(WassersteinLoss, VanishesWithItsGradientAtTheTarget) {
  const at::Tensor features = features_of(1);
  const at::Tensor target = moments_of(features);
  EXPECT_NEAR(value_of(features, target), 0.0, 1e-10);
  EXPECT_LT(gradient_of(features, target).abs().max().item<double>(), 1e-8);
}

TEST(WassersteinLoss, OfShiftedFeaturesIsTheSquaredShift) {
  const at::Tensor features = features_of(2);
  const double value = value_of(features + 0.5, moments_of(features));
  EXPECT_NEAR(value, 2.5 * kChannels * 0.25, 1e-8);
}

TEST(WassersteinLoss, GradientEqualsFiniteDifferences) {
  expect_slope(features_of(3), moments_of(features_of(4, -0.2)), {});
}

TEST(WassersteinLoss, WeightedGradientEqualsFiniteDifferences) {
  const at::Tensor weights = random_image(kRows, kColumns, 8).select(2, 0).contiguous();
  expect_slope(features_of(3), moments_of(features_of(4, -0.2)), weights);
}

TEST(WassersteinLoss, OfZeroAndOneWeightsIsThatOfTheChosenPositions) {
  at::Tensor weights = at::zeros({kRows, kColumns});
  weights.narrow(0, 0, 4).fill_(1.0F);
  const at::Tensor features = features_of(9);
  const at::Tensor target = moments_of(features_of(10));
  EXPECT_NEAR(value_of(features, target, weights),
              value_of(features.narrow(0, 0, 4).contiguous(), target), 1e-10);
}

TEST(WassersteinLoss, AddsUpOverStripsInEveryForwardPass) {
  WassersteinLoss loss(moments_of(features_of(12)), 2.5);
  expect_sums_over_strips(loss, features_of(11));
}

TEST(WassersteinLoss, GoesThroughTheReluWhereAsked) {
  WassersteinLoss loss(moments_of(features_of(14).clamp_min(0.0)), 1.0);
  expect_to_go_through_the_relu(loss, features_of(13).clamp_min(0.0));
}

TEST(WassersteinLoss, StaysFiniteWithFewerPositionsThanChannels) {
  const at::Tensor few = random_normal({1, 3, 12}, 15, at::kDouble).clamp_min(0.0);
  const at::Tensor target = moments_of(random_normal({1, 2, 12}, 16, at::kDouble).clamp_min(0.0));
  EXPECT_TRUE(std::isfinite(value_of(few, target)));
  EXPECT_TRUE(gradient_of(few, target).isfinite().all().item<bool>());
  // A dead layer: all features are zero.
  EXPECT_TRUE(gradient_of(few, at::zeros_like(target)).isfinite().all().item<bool>());
}

TEST(WassersteinLoss, AgreesAcrossFeatureTypes) {
  const at::Tensor features = features_of(17).clamp_min(0.0).to(at::kFloat);
  const at::Tensor target = moments_of(features_of(18).clamp_min(0.0));
  const double exact = value_of(features.to(at::kDouble), target);
  EXPECT_NEAR(value_of(features, target), exact, 1e-4 * exact);
  EXPECT_NEAR(value_of(features.to(at::kBFloat16), target), exact, 2e-2 * exact);
}

}  // namespace
}  // namespace styletransfer::detail
