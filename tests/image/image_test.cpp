#include "styletransfer/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace styletransfer {
namespace {

Image filled(Size size, float value) {
  Image image;
  image.size = size;
  image.rgb01.assign(static_cast<std::size_t>(size.width_px) * size.height_px * 3, value);
  return image;
}

/// Left half opaque gray, right half transparent with another color under it.
Image half_clear(Size size, float opaque, float hidden) {
  Image image = filled(size, opaque);
  for (int y = 0; y < size.height_px; ++y) {
    for (int x = 0; x < size.width_px; ++x) {
      const bool clear = x >= size.width_px / 2;
      const int pixel = y * size.width_px + x;
      image.alpha01.push_back(clear ? 0.0F : 1.0F);
      for (int c = 0; clear && c < 3; ++c) image.rgb01[pixel * 3 + c] = hidden;
    }
  }
  return image;
}

TEST(SizeWithLongEdge, KeepsProportionsRoundedHalfUp) {
  EXPECT_EQ(size_with_long_edge({4032, 3024}, 512), (Size{512, 384}));
  EXPECT_EQ(size_with_long_edge({3024, 4032}, 512), (Size{384, 512}));
  EXPECT_EQ(size_with_long_edge({1000, 333}, 500), (Size{500, 167}));  // 166.5
  EXPECT_EQ(size_with_long_edge({7, 7}, 3), (Size{3, 3}));
}

TEST(SizeWithLongEdge, NeverGivesAnEmptySide) {
  EXPECT_EQ(size_with_long_edge({10000, 1}, 100), (Size{100, 1}));
}

TEST(SizeWithLongEdge, IsExactForTheLargestImages) {
  EXPECT_EQ(size_with_long_edge({2'000'000'000, 1'000'000'000}, 1'999'999'999),
            (Size{1'999'999'999, 1'000'000'000}));
}

TEST(Resized, KeepsAnImageOfTheSameSize) {
  const Image image = half_clear({6, 4}, 0.25F, 0.75F);
  const Image same = resized(image, image.size);
  EXPECT_EQ(same.rgb01, image.rgb01);
  EXPECT_EQ(same.alpha01, image.alpha01);
}

TEST(Resized, AveragesAreasWhenShrinking) {
  Image image = filled({4, 2}, 0.0F);
  for (int x : {1, 3}) {
    for (int c = 0; c < 3; ++c) image.rgb01[x * 3 + c] = 1.0F;
  }
  const Image small = resized(image, {2, 1});
  for (const float value : small.rgb01) EXPECT_FLOAT_EQ(value, 0.25F);
}

TEST(Resized, KeepsEveryValueInRangeWhenEnlarging) {
  Image image = filled({8, 8}, 0.0F);
  for (std::size_t i = 0; i < image.rgb01.size(); i += 5) image.rgb01[i] = 1.0F;
  const Image large = resized(image, {29, 31});
  EXPECT_EQ(large.rgb01.size(), 29U * 31 * 3);
  EXPECT_GE(*std::min_element(large.rgb01.begin(), large.rgb01.end()), 0.0F);
  EXPECT_LE(*std::max_element(large.rgb01.begin(), large.rgb01.end()), 1.0F);
}

TEST(Resized, ShrinksOneSideWhileTheOtherGrows) {
  const Image image = resized(filled({16, 2}, 0.5F), {4, 9});
  EXPECT_EQ(image.size, (Size{4, 9}));
  for (const float value : image.rgb01) EXPECT_NEAR(value, 0.5F, 1e-6);
}

TEST(Resized, LetsNoHiddenColorBleedIntoOpaquePixels) {
  const Image image = half_clear({8, 8}, 0.25F, 1.0F);
  for (const Size size : {Size{3, 3}, Size{13, 13}}) {
    const Image result = resized(image, size);
    for (std::size_t i = 0; i < result.alpha01.size(); ++i) {
      if (result.alpha01[i] < 0.01F) continue;
      EXPECT_NEAR(result.rgb01[i * 3], 0.25F, 1e-3) << i;
    }
  }
}

TEST(Flattened, LaysColorsOnTheBackgroundByOpacity) {
  Image image = filled({2, 1}, 0.5F);
  image.alpha01 = {0.25F, 1.0F};
  const Image flat = flattened(image);
  EXPECT_FALSE(flat.has_alpha());
  EXPECT_FLOAT_EQ(flat.rgb01[0], 0.875F);
  EXPECT_FLOAT_EQ(flat.rgb01[3], 0.5F);
  EXPECT_FLOAT_EQ(flattened(image, 0.0F).rgb01[0], 0.125F);
}

}  // namespace
}  // namespace styletransfer
