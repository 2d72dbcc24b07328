#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "styletransfer/losses.h"
#include "support/numbers.h"

namespace styletransfer {
namespace {

struct PictureSize {
  int64_t height;
  int64_t width;
};
const std::vector<PictureSize> kSizes{{2, 2}, {5, 7}, {1, 9}, {9, 1}, {1, 1}, {40, 33}};

/// Mean of squares, 0 for no elements.
double mean_of_squares(const at::Tensor& values) {
  return values.numel() == 0 ? 0.0
                             : values.square().sum().item<double>() /
                                   static_cast<double>(values.size(0) * values.size(1));
}

/// From the definition: differences of neighbours, projected on the wanted colour axes.
double naive_smoothness(const at::Tensor& image, bool chroma_only) {
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

struct Smoothness {
  double value;
  at::Tensor gradient;
};
Smoothness smoothness_of(const at::Tensor& image, bool chroma_only, double weight) {
  Smoothness result{0.0, at::zeros_like(image)};
  result.value = add_smoothness(image, chroma_only, weight, result.gradient).get();
  return result;
}

TEST(Smoothness, EqualsTheDefinition) {
  for (const PictureSize size : kSizes) {
    for (const bool chroma_only : {false, true}) {
      for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        SCOPED_TRACE(std::to_string(size.height) + "x" + std::to_string(size.width));
        const at::Tensor image = random_picture(size.height, size.width, 1, type);
        const double exact = 7.0 * naive_smoothness(image, chroma_only);
        EXPECT_NEAR(smoothness_of(image, chroma_only, 7.0).value, exact,
                    (type == at::kFloat ? 1e-5 : 1e-12) * exact);
      }
    }
  }
}

TEST(Smoothness, FastFormEqualsThePlainForm) {
  for (const PictureSize size : kSizes) {
    for (const bool chroma_only : {false, true}) {
      const at::Tensor image = random_picture(size.height, size.width, 2);
      const Smoothness fast = smoothness_of(image, chroma_only, 3.0);
      const Smoothness plain = smoothness_of(image.to(at::kDouble), chroma_only, 3.0);
      EXPECT_NEAR(fast.value, plain.value, 1e-6 * plain.value);
      EXPECT_LT(relative_error(fast.gradient, plain.gradient), 1e-5);
    }
  }
}

TEST(Smoothness, GradientEqualsFiniteDifferences) {
  for (const bool chroma_only : {false, true}) {
    const at::Tensor image = random_picture(6, 9, 3, at::kDouble);
    const at::Tensor gradient = smoothness_of(image, chroma_only, 5.0).gradient;
    const at::Tensor direction = random_normal(image.sizes(), 4, at::kDouble);
    const double slope =
        slope_along([&](const at::Tensor& x) { return smoothness_of(x, chroma_only, 5.0).value; },
                    image, direction);
    EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-7 * std::abs(slope));
  }
}

TEST(Smoothness, AddsToTheGradientThatIsThere) {
  const at::Tensor image = random_picture(6, 9, 5);
  at::Tensor gradient = at::full_like(image, 2.0F);
  static_cast<void>(add_smoothness(image, true, 1.0, gradient));
  EXPECT_LT(relative_error(gradient, smoothness_of(image, true, 1.0).gradient + 2.0F), 1e-6);
}

TEST(Smoothness, OnChromaOnlyIgnoresBrightness) {
  // Every grey level of a file, in no order: edges everywhere, none of them coloured.
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor levels =
        random_picture(20, 30, 6, at::kDouble).select(2, 0).mul(255.0).round_().div_(255.0);
    const at::Tensor grey = levels.unsqueeze(2).expand({20, 30, 3}).contiguous().to(type);
    const Smoothness smoothness = smoothness_of(grey, true, 1.0);
    // What rounding a third leaves, against 0.5 for the same edges with brightness counted.
    EXPECT_LT(smoothness.value, 1e-13);
    EXPECT_LT(smoothness.gradient.abs().max().item<double>(), 1e-9);
    EXPECT_GT(smoothness_of(grey, false, 1.0).value, 0.3);
  }
}

TEST(Smoothness, OnChromaOnlySeesTheSameColourEdgeOnAnyBrightness) {
  const at::Tensor image = random_picture(12, 9, 7, at::kDouble);
  const at::Tensor light = random_picture(12, 9, 8, at::kDouble).narrow(2, 0, 1);
  EXPECT_NEAR(smoothness_of(image + light, true, 1.0).value, smoothness_of(image, true, 1.0).value,
              1e-12);
}

TEST(Smoothness, OfAPlainPictureIsExactlyZero) {
  for (const bool chroma_only : {false, true}) {
    const Smoothness smoothness = smoothness_of(at::full({8, 8, 3}, 0.3F), chroma_only, 10.0);
    EXPECT_EQ(smoothness.value, 0.0);
    EXPECT_EQ(smoothness.gradient.count_nonzero().item<int64_t>(), 0);
  }
}

TEST(Smoothness, IsTheSameForAnyNumberOfThreads) {
  const at::Tensor image = random_picture(97, 31, 9);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Smoothness one = smoothness_of(image, true, 10.0);
  at::set_num_threads(3);
  const Smoothness three = smoothness_of(image, true, 10.0);
  at::set_num_threads(threads);
  EXPECT_EQ(one.value, three.value);
  EXPECT_TRUE(at::equal(one.gradient, three.gradient));
}

}  // namespace
}  // namespace styletransfer
