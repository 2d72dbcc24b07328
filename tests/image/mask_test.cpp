#include "styletransfer/mask.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace styletransfer {
namespace {

/// White in the left half, black in the right, optionally with alpha.
Image half_white(Size size) {
  Image image;
  image.size = size;
  for (int i = 0; i < size.width_px * size.height_px; ++i) {
    image.rgb01.insert(image.rgb01.end(), 3, i % size.width_px < size.width_px / 2 ? 1.0F : 0.0F);
  }
  return image;
}

TEST(Mask, IsTheBrightnessTimesTheOpacity) {
  Image image;
  image.size = {3, 1};
  image.rgb01 = {0.5F, 0.5F, 0.5F, 1.0F, 0.0F, 0.0F, 1.0F, 1.0F, 1.0F};
  image.alpha01 = {1.0F, 1.0F, 0.25F};
  const Mask mask = mask_from_image(image);
  EXPECT_NEAR(mask.gray01[0], 0.5, 1e-6);
  EXPECT_NEAR(mask.gray01[1], 0.299, 1e-6);
  EXPECT_NEAR(mask.gray01[2], 0.25, 1e-6);
}

TEST(Mask, KeepsExactWhiteAndBlackAtEverySize) {
  const Mask mask = mask_from_image(half_white({100, 60}));
  for (const Size size : {Size{33, 20}, Size{100, 60}, Size{317, 91}}) {
    const Mask other = resized(mask, size);
    ASSERT_EQ(other.size, size);
    ASSERT_EQ(other.gray01.size(), static_cast<std::size_t>(size.width_px * size.height_px));
    for (int y = 0; y < size.height_px; ++y) {
      const float* row = other.gray01.data() + static_cast<std::size_t>(y) * size.width_px;
      // All but the few pixels across the edge.
      const int half = size.width_px / 2;
      const int near = 2 + 2 * size.width_px / mask.size.width_px;
      EXPECT_TRUE(std::all_of(row, row + half - near, [](float gray) { return gray == 1.0F; }));
      EXPECT_TRUE(std::all_of(row + half + near, row + size.width_px,
                              [](float gray) { return gray == 0.0F; }));
    }
  }
}

TEST(Mask, StaysBetweenBlackAndWhiteWhenEnlarged) {
  const Mask mask = resized(mask_from_image(half_white({8, 8})), {50, 50});
  const auto [min, max] = std::minmax_element(mask.gray01.begin(), mask.gray01.end());
  EXPECT_EQ(*min, 0.0F);
  EXPECT_EQ(*max, 1.0F);
}

TEST(Mask, KnowsWhenItIsBlackOrWhiteEverywhere) {
  Mask mask{{2, 1}, {0.0F, 0.0F}};
  EXPECT_TRUE(is_black(mask));
  EXPECT_FALSE(is_white(mask));
  mask.gray01 = {1.0F, 1.0F};
  EXPECT_TRUE(is_white(mask));
  mask.gray01 = {1.0F, 0.5F};
  EXPECT_FALSE(is_white(mask));
  EXPECT_FALSE(is_black(mask));
}

}  // namespace
}  // namespace styletransfer
