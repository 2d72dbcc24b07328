#include "styletransfer/color_transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>

#include "styletransfer/image.h"
#include "support/tiny_job.h"

namespace styletransfer {
namespace {

/// Random colors within `center` +- `spread`, correlated between channels.
Image random_image(Size size, unsigned seed, std::array<float, 3> center, float spread) {
  std::mt19937 source(seed);
  std::uniform_real_distribution<float> even(-1.0F, 1.0F);
  Image image = plain_image(size, 0.0F);
  for (std::size_t i = 0; i < image.rgb01.size(); i += 3) {
    const float common = even(source);
    for (std::size_t c = 0; c < 3; ++c) {
      const float own = even(source) * (0.3F + 0.2F * static_cast<float>(c));
      image.rgb01[i + c] = std::clamp(center[c] + spread * (0.7F * common + own), 0.0F, 1.0F);
    }
  }
  return image;
}

void expect_near(const ColorStatistics& got, const ColorStatistics& wanted, double mean_error,
                 double covariance_error) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got.mean01[c], wanted.mean01[c], mean_error);
  for (std::size_t c = 0; c < 9; ++c) {
    EXPECT_NEAR(got.covariance[c], wanted.covariance[c], covariance_error) << c;
  }
}

double largest_difference(const Image& a, const Image& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.rgb01.size(); ++i) {
    largest = std::max<double>(largest, std::abs(a.rgb01[i] - b.rgb01[i]));
  }
  return largest;
}

const Image kReddish = random_image({40, 30}, 1, {0.6F, 0.4F, 0.3F}, 0.15F);
const Image kBluish = random_image({25, 35}, 2, {0.3F, 0.4F, 0.6F}, 0.1F);

TEST(ColorStatistics, CountPixelsByTheirOpacity) {
  Image image = plain_image({4, 1}, 0.2F);
  for (std::size_t i = 6; i < 12; ++i) image.rgb01[i] = 0.8F;
  image.alpha01 = {1.0F, 1.0F, 0.0F, 0.0F};
  EXPECT_NEAR(color_statistics(image).mean01[0], 0.2, 1e-7);
  EXPECT_NEAR(color_statistics(image).covariance[0], 0.0, 1e-7);
  image.alpha01 = {1.0F, 1.0F, 1.0F, 1.0F};
  EXPECT_NEAR(color_statistics(image).mean01[0], 0.5, 1e-7);
  EXPECT_NEAR(color_statistics(image).covariance[0], 0.09, 1e-7);
}

TEST(ColorStatistics, OfAMixtureAreThoseOfItsImagesTogether) {
  Image both = random_image({10, 10}, 3, {0.5F, 0.5F, 0.5F}, 0.3F);
  Image upper = both;
  Image lower = both;
  upper.size = lower.size = {10, 5};
  upper.rgb01.resize(150);
  lower.rgb01.erase(lower.rgb01.begin(), lower.rgb01.begin() + 150);
  expect_near(mixed({color_statistics(upper), color_statistics(lower)}, {2.0, 2.0}),
              color_statistics(both), 1e-9, 1e-9);
  expect_near(mixed({color_statistics(upper), color_statistics(lower)}, {1.0, 0.0}),
              color_statistics(upper), 1e-12, 1e-12);
}

TEST(MatchColorStatistics, HasTheMeanAndCovarianceAskedFor) {
  const ColorStatistics wanted = color_statistics(kReddish);
  const Image result = match_color_statistics(kBluish, color_statistics(kBluish), wanted);
  expect_near(color_statistics(result), wanted, 1e-3, 1e-3);
}

TEST(MatchColorStatistics, ToItsOwnStatisticsIsUnchanged) {
  const ColorStatistics own = color_statistics(kReddish);
  EXPECT_LT(largest_difference(match_color_statistics(kReddish, own, own), kReddish), 1e-6);
}

TEST(MatchColorStatistics, KeepsGrayImagesFinite) {
  const Image plain = plain_image({8, 8}, 0.4F);
  const Image grays = to_grayscale(kBluish);
  for (const Image* from : {&plain, &grays, &kReddish}) {
    for (const Image* to : {&plain, &grays, &kReddish}) {
      const Image result =
          match_color_statistics(*from, color_statistics(*from), color_statistics(*to));
      for (const float value : result.rgb01) {
        ASSERT_TRUE(value >= 0.0F && value <= 1.0F);
      }
      expect_near(color_statistics(result), color_statistics(*to), 2e-3, from == to ? 1e-6 : 2e-2);
    }
  }
}

TEST(MatchColorStatistics, GrayToGrayMatchesBrightnessAndStaysGray) {
  const Image from = to_grayscale(kBluish);
  const Image to = to_grayscale(kReddish);
  const Image result = match_color_statistics(from, color_statistics(from), color_statistics(to));
  expect_near(color_statistics(result), color_statistics(to), 1e-3, 1e-3);
  EXPECT_LT(largest_difference(to_grayscale(result), result), 1e-6);
}

TEST(ToGrayscale, HasEqualChannelsOfTheSameLuma) {
  const Image grays = to_grayscale(kReddish);
  for (std::size_t i = 0; i < grays.rgb01.size(); i += 3) {
    ASSERT_EQ(grays.rgb01[i], grays.rgb01[i + 1]);
    ASSERT_EQ(grays.rgb01[i], grays.rgb01[i + 2]);
    ASSERT_NEAR(grays.rgb01[i], luma01(&kReddish.rgb01[i]), 1e-6);
  }
}

TEST(WithChromaOf, KeepsChromaExactlyWhateverTheBrightness) {
  const Image content = random_image({50, 40}, 5, {0.5F, 0.5F, 0.5F}, 0.7F);
  const Image painted = random_image({50, 40}, 6, {0.5F, 0.5F, 0.5F}, 0.9F);
  const Image result = with_chroma_of(painted, content);
  for (std::size_t i = 0; i < result.rgb01.size(); i += 3) {
    for (std::size_t c = 1; c < 3; ++c) {
      ASSERT_NEAR(result.rgb01[i + c] - result.rgb01[i], content.rgb01[i + c] - content.rgb01[i],
                  1e-6);
    }
    ASSERT_TRUE(*std::min_element(&result.rgb01[i], &result.rgb01[i] + 3) >= 0.0F);
    ASSERT_TRUE(*std::max_element(&result.rgb01[i], &result.rgb01[i] + 3) <= 1.0F);
  }
}

TEST(WithChromaOf, HasTheBrightnessPaintedWhereItFits) {
  const Image content = random_image({30, 20}, 7, {0.5F, 0.45F, 0.55F}, 0.1F);
  const Image painted = random_image({30, 20}, 8, {0.5F, 0.5F, 0.5F}, 0.15F);
  const Image result = with_chroma_of(painted, content);
  for (std::size_t i = 0; i < result.rgb01.size(); i += 3) {
    ASSERT_NEAR(luma01(&result.rgb01[i]), luma01(&painted.rgb01[i]), 1e-6);
  }
}

TEST(WithChromaOf, LetsBrightnessGiveWayToSaturatedColors) {
  Image content = plain_image({1, 1}, 0.0F);
  content.rgb01 = {1.0F, 0.2F, 0.0F};
  const Image result = with_chroma_of(plain_image({1, 1}, 1.0F), content);
  EXPECT_EQ(result.rgb01, content.rgb01);
}

TEST(WithChromaOf, OfTheImageItselfIsTheImage) {
  EXPECT_EQ(with_chroma_of(kReddish, kReddish).rgb01, kReddish.rgb01);
  EXPECT_EQ(with_chroma_of(to_grayscale(kReddish), kReddish).rgb01, kReddish.rgb01);
}

/// (B - Y, R - Y) of a pixel.
std::array<double, 2> chroma_of(const float* rgb01) {
  const double luma = luma01(rgb01);
  return {rgb01[2] - luma, rgb01[0] - luma};
}

TEST(MatchColorStatisticsKeepingLuma, HasTheLumaOfTheImageAndTheChromaStatisticsOfTheOther) {
  const Image result = match_color_statistics_keeping_luma(kReddish, color_statistics(kReddish),
                                                           color_statistics(kBluish));
  std::array<double, 2> mean{};
  std::array<double, 2> wanted{};
  for (std::size_t i = 0; i < result.rgb01.size(); i += 3) {
    ASSERT_NEAR(luma01(&result.rgb01[i]), luma01(&kReddish.rgb01[i]), 1e-6);
    for (std::size_t c = 0; c < 2; ++c) mean[c] += chroma_of(&result.rgb01[i])[c];
  }
  for (std::size_t i = 0; i < kBluish.rgb01.size(); i += 3) {
    for (std::size_t c = 0; c < 2; ++c) wanted[c] += chroma_of(&kBluish.rgb01[i])[c];
  }
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_NEAR(mean[c] * 3 / static_cast<double>(result.rgb01.size()),
                wanted[c] * 3 / static_cast<double>(kBluish.rgb01.size()), 5e-3);
  }
}

TEST(MatchColorStatisticsKeepingLuma, KeepsLumaAndHueWhereChromaHasNoRoom) {
  const Image strong = random_image({30, 30}, 3, {0.8F, 0.1F, 0.1F}, 0.3F);
  Image ends = random_image({30, 30}, 4, {0.5F, 0.5F, 0.5F}, 0.02F);
  std::fill_n(ends.rgb01.begin(), 3, 0.0F);
  std::fill_n(ends.rgb01.begin() + 3, 3, 1.0F);
  const Image result =
      match_color_statistics_keeping_luma(ends, color_statistics(ends), color_statistics(strong));
  for (std::size_t i = 0; i < result.rgb01.size(); ++i) {
    ASSERT_GE(result.rgb01[i], 0.0F);
    ASSERT_LE(result.rgb01[i], 1.0F);
    if (i % 3 == 0) ASSERT_NEAR(luma01(&result.rgb01[i]), luma01(&ends.rgb01[i]), 1e-6);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(result.rgb01[c], 0.0F, 1e-6);
    EXPECT_NEAR(result.rgb01[3 + c], 1.0F, 1e-6);
  }
}

TEST(MatchColorStatisticsKeepingLuma, ChangesNothingBetweenEqualStatistics) {
  const ColorStatistics own = color_statistics(kReddish);
  EXPECT_LT(largest_difference(match_color_statistics_keeping_luma(kReddish, own, own), kReddish),
            1e-5);
}

}  // namespace
}  // namespace styletransfer
