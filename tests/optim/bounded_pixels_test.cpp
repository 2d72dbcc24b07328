#include "optim/bounded_pixels.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "device/image_tensor.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

const std::vector<at::ScalarType> kTypes{at::kFloat, at::kDouble};

at::Tensor pixels_of(const at::Tensor& unconstrained) {
  at::Tensor pixels = at::empty_like(unconstrained);
  pixels_from_unconstrained(unconstrained, pixels);
  return pixels;
}

at::Tensor chained(const at::Tensor& of_pixels, const at::Tensor& unconstrained) {
  at::Tensor of_free = at::empty_like(of_pixels);
  gradient_to_unconstrained(of_pixels, unconstrained, of_free);
  return of_free;
}

/// Every 8-bit level, as pixel values.
at::Tensor levels(at::ScalarType type) { return at::arange(256, at::kDouble).div(255.0).to(type); }

TEST(BoundedPixels, GivesEveryLevelBackButForAMarginAtTheEnds) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor back = pixels_of(unconstrained_from_pixels(levels(type)));
    EXPECT_LT(relative_error(back.narrow(0, 2, 252), levels(type).narrow(0, 2, 252)),
              type == at::kFloat ? 1e-6 : 1e-14);
    // The margin is 0.005, less than two levels.
    EXPECT_LT((back - levels(type)).abs().max().item<double>(), 0.0051);
  }
}

TEST(BoundedPixels, TakesAnyShapeAndGivesAFlatVector) {
  const at::Tensor image = random_image(5, 7, 1);
  const at::Tensor unconstrained = unconstrained_from_pixels(image);
  EXPECT_EQ(unconstrained.sizes(), at::IntArrayRef({105}));
  EXPECT_LT((pixels_of(unconstrained) - image.flatten()).abs().max().item<double>(), 0.0051);
}

TEST(BoundedPixels, PullsValuesFromFarOutsideIn) {
  const at::Tensor unconstrained =
      unconstrained_from_pixels(at::tensor({-3.0F, -0.01F, 1.01F, 40.0F}));
  EXPECT_TRUE(unconstrained.isfinite().all().item<bool>());
  const at::Tensor pixels = pixels_of(unconstrained);
  EXPECT_GT(pixels.min().item<float>(), 0.0F);
  EXPECT_LT(pixels.max().item<float>(), 1.0F);
}

TEST(BoundedPixels, EveryUnconstrainedVariableBecomesAnEightBitLevel) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::vector<float> values{0.0F, -0.0F, 1e30F, -1e30F, kInfinite, -kInfinite, 1e-30F};
  for (int i = -4000; i <= 4000; ++i) values.push_back(static_cast<float>(i) * 0.05F);
  values.resize(values.size() / 3 * 3);
  const at::Tensor pixels = pixels_of(at::tensor(values));
  // At most half a level outside 0..1, so that only the rounding of the ends is clamped.
  EXPECT_GE(pixels.min().item<double>() * 255.0, -0.5001);
  EXPECT_LE(pixels.max().item<double>() * 255.0, 255.5001);
  const Image image = image_from_tensor(pixels.view({-1, 1, 3}));
  int darkest = 255;
  int lightest = 0;
  for (const float value : image.rgb01) {
    const auto level = static_cast<int>(std::lround(value * 255.0F));
    darkest = std::min(darkest, level);
    lightest = std::max(lightest, level);
  }
  EXPECT_EQ(darkest, 0);
  EXPECT_EQ(lightest, 255);
}

TEST(BoundedPixels, ReachesPureBlackAndWhiteAndTurnsBack) {
  // Half a slope: half the range of 256/255, and a tenth for the turn.
  const double end = (128.0 / 255.0 + 0.1) / 0.05;
  for (const at::ScalarType type : kTypes) {
    const at::Tensor unconstrained =
        at::tensor({-1.0, -0.9, -1.1, 1.0, 0.9, 1.1}, at::kDouble).mul_(end);
    const at::Tensor pixels = pixels_of(unconstrained.to(type)).to(at::kDouble);
    EXPECT_NEAR(pixels[0].item<double>(), -0.5 / 255.0, 1e-6);
    EXPECT_NEAR(pixels[1].item<double>(), pixels[2].item<double>(), 1e-6);
    EXPECT_NEAR(pixels[3].item<double>(), 255.5 / 255.0, 1e-6);
    EXPECT_NEAR(pixels[4].item<double>(), pixels[5].item<double>(), 1e-6);
    EXPECT_LT(pixels[4].item<double>(), 1.0);
  }
}

TEST(BoundedPixels, IsStraightButForTheLastTenthBeforeEachEnd) {
  const at::Tensor pixels = at::linspace(0.101, 0.899, 200, at::kDouble);
  const at::Tensor slope = chained(at::ones_like(pixels), unconstrained_from_pixels(pixels));
  EXPECT_LT((slope - 0.05).abs().max().item<double>(), 1e-12);
  const at::Tensor near_ends = at::tensor({0.02, 0.005, 0.98, 0.995}, at::kDouble);
  const at::Tensor steep = chained(at::ones_like(near_ends), unconstrained_from_pixels(near_ends));
  EXPECT_LT(steep.max().item<double>(), 0.05 * 0.5);
  EXPECT_GT(steep.min().item<double>(), 0.05 * 0.25);
}

TEST(BoundedPixels, OneUnitMovesAMidGrayByATwentieth) {
  const at::Tensor pixels = pixels_of(at::tensor({0.0, 1.0}, at::kDouble));
  EXPECT_NEAR(pixels[0].item<double>(), 0.5, 1e-12);
  EXPECT_NEAR(pixels[1].item<double>() - pixels[0].item<double>(), 0.05, 0.001);
}

TEST(BoundedPixels, ChainRuleEqualsFiniteDifferences) {
  const at::Tensor unconstrained = random_normal({60}, 2, at::kDouble).mul_(12.0);
  const at::Tensor target = random_normal({60}, 3, at::kDouble);
  const auto value = [&](const at::Tensor& z) {
    return (pixels_of(z) - target).square().sum().item<double>();
  };
  const at::Tensor pixels = pixels_of(unconstrained);
  const at::Tensor gradient = chained(2.0 * (pixels - target), unconstrained);
  for (std::uint64_t seed = 4; seed < 8; ++seed) {
    const at::Tensor direction = random_normal({60}, seed, at::kDouble);
    const double slope = slope_along(value, unconstrained, direction);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-6 * std::abs(slope) + 1e-9);
  }
}

TEST(BoundedPixels, IsTheSameInFloat32AsInFloat64) {
  // An element count that is not a multiple of any vector width.
  const at::Tensor unconstrained = random_normal({40009}, 5, at::kDouble).mul_(20.0);
  const at::Tensor pixels = pixels_of(unconstrained);
  EXPECT_LT((pixels_of(unconstrained.to(at::kFloat)) - pixels).abs().max().item<double>(), 1e-6);
  const at::Tensor gradient = random_normal({40009}, 6, at::kDouble);
  // float32 resolves an unconstrained variable of 80 only to 4e-6.
  const at::Tensor in_float = chained(gradient.to(at::kFloat), unconstrained.to(at::kFloat));
  EXPECT_LT((in_float - chained(gradient, unconstrained)).abs().max().item<double>(), 5e-7);
}

TEST(BoundedPixels, PropagatesNan) {
  const at::Tensor pixels = pixels_of(at::full({33}, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_TRUE(pixels.isnan().all().item<bool>());
}

TEST(BoundedPixels, ChainRuleIsFiniteEverywhere) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const at::Tensor unconstrained =
      at::tensor({-kInfinite, -1e30F, -200.0F, 0.0F, 200.0F, 1e30F, kInfinite});
  const at::Tensor gradient = chained(at::full({7}, 1e6F), unconstrained);
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_GT(gradient[3].item<float>(), 0.0F);
}

}  // namespace
}  // namespace styletransfer::detail
