#include "loss/total_variation.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/numbers.h"

namespace styletransfer {
namespace {

struct ImageSize {
  int64_t height;
  int64_t width;
};
const std::vector<ImageSize> kSizes{{2, 2}, {5, 7}, {1, 9}, {9, 1}, {1, 1}, {40, 33}};

/// Mean of squares; 0 if there are no elements.
double mean_of_squares(const at::Tensor& values) {
  return values.numel() == 0 ? 0.0
                             : values.square().sum().item<double>() /
                                   static_cast<double>(values.size(0) * values.size(1));
}

/// Reference by definition: differences of neighbors, projected on the color axes.
double naive_total_variation(const at::Tensor& image, bool chroma_only) {
  const double two = 1.0 / std::sqrt(2.0);
  const double six = 1.0 / std::sqrt(6.0);
  const at::Tensor axes =
      chroma_only ? at::tensor({two, 0.0, -two, six, -2.0 * six, six}, at::kDouble).view({2, 3})
                  : at::eye(3, at::kDouble);
  const at::Tensor x = at::matmul(image.to(at::kDouble), axes.t());
  const int64_t rows = x.size(0);
  const int64_t columns = x.size(1);
  return mean_of_squares(x.narrow(1, 1, columns - 1) - x.narrow(1, 0, columns - 1)) +
         mean_of_squares(x.narrow(0, 1, rows - 1) - x.narrow(0, 0, rows - 1));
}

struct ValueAndGradient {
  double value;
  at::Tensor gradient;
};
ValueAndGradient total_variation_of(const at::Tensor& image, bool chroma_only, double weight) {
  ValueAndGradient result{0.0, at::zeros_like(image)};
  result.value = add_total_variation(image, chroma_only, weight, result.gradient).get();
  return result;
}

TEST(TotalVariation, EqualsTheDefinition) {
  for (const ImageSize size : kSizes) {
    for (const bool chroma_only : {false, true}) {
      for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        SCOPED_TRACE(std::to_string(size.height) + "x" + std::to_string(size.width));
        const at::Tensor image = random_image(size.height, size.width, 1, type);
        const double exact = 7.0 * naive_total_variation(image, chroma_only);
        EXPECT_NEAR(total_variation_of(image, chroma_only, 7.0).value, exact,
                    (type == at::kFloat ? 1e-5 : 1e-12) * exact);
      }
    }
  }
}

TEST(TotalVariation, FastFormEqualsThePlainForm) {
  for (const ImageSize size : kSizes) {
    for (const bool chroma_only : {false, true}) {
      const at::Tensor image = random_image(size.height, size.width, 2);
      const ValueAndGradient fast = total_variation_of(image, chroma_only, 3.0);
      const ValueAndGradient plain = total_variation_of(image.to(at::kDouble), chroma_only, 3.0);
      EXPECT_NEAR(fast.value, plain.value, 1e-6 * plain.value);
      EXPECT_LT(relative_error(fast.gradient, plain.gradient), 1e-5);
    }
  }
}

TEST(TotalVariation, GradientEqualsFiniteDifferences) {
  for (const bool chroma_only : {false, true}) {
    const at::Tensor image = random_image(6, 9, 3, at::kDouble);
    const at::Tensor gradient = total_variation_of(image, chroma_only, 5.0).gradient;
    const at::Tensor direction = random_normal(image.sizes(), 4, at::kDouble);
    const double slope = slope_along(
        [&](const at::Tensor& x) { return total_variation_of(x, chroma_only, 5.0).value; }, image,
        direction);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-7 * std::abs(slope));
  }
}

TEST(TotalVariation, AddsToTheGradientThatIsThere) {
  const at::Tensor image = random_image(6, 9, 5);
  at::Tensor gradient = at::full_like(image, 2.0F);
  static_cast<void>(add_total_variation(image, true, 1.0, gradient));
  EXPECT_LT(relative_error(gradient, total_variation_of(image, true, 1.0).gradient + 2.0F), 1e-6);
}

TEST(TotalVariation, OnChromaOnlyIgnoresBrightness) {
  // All 8-bit gray levels in random order: edges everywhere, but no colored ones.
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor levels =
        random_image(20, 30, 6, at::kDouble).select(2, 0).mul(255.0).round_().div_(255.0);
    const at::Tensor gray = levels.unsqueeze(2).expand({20, 30, 3}).contiguous().to(type);
    const ValueAndGradient total_variation = total_variation_of(gray, true, 1.0);
    // Only the rounding error of 1/3 is left; with brightness the same edges give 0.5.
    EXPECT_LT(total_variation.value, 1e-13);
    EXPECT_LT(total_variation.gradient.abs().max().item<double>(), 1e-9);
    EXPECT_GT(total_variation_of(gray, false, 1.0).value, 0.3);
  }
}

TEST(TotalVariation, OnChromaOnlySeesTheSameColorEdgeOnAnyBrightness) {
  const at::Tensor image = random_image(12, 9, 7, at::kDouble);
  const at::Tensor light = random_image(12, 9, 8, at::kDouble).narrow(2, 0, 1);
  EXPECT_NEAR(total_variation_of(image + light, true, 1.0).value,
              total_variation_of(image, true, 1.0).value, 1e-12);
}

TEST(TotalVariation, OfAPlainImageIsExactlyZero) {
  for (const bool chroma_only : {false, true}) {
    const ValueAndGradient total_variation =
        total_variation_of(at::full({8, 8, 3}, 0.3F), chroma_only, 10.0);
    EXPECT_EQ(total_variation.value, 0.0);
    EXPECT_EQ(total_variation.gradient.count_nonzero().item<int64_t>(), 0);
  }
}

TEST(TotalVariation, IsTheSameForAnyNumberOfThreads) {
  const at::Tensor image = random_image(97, 31, 9);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const ValueAndGradient one = total_variation_of(image, true, 10.0);
  at::set_num_threads(3);
  const ValueAndGradient three = total_variation_of(image, true, 10.0);
  at::set_num_threads(threads);
  EXPECT_EQ(one.value, three.value);
  EXPECT_TRUE(at::equal(one.gradient, three.gradient));
}

}  // namespace
}  // namespace styletransfer
