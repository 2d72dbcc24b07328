#include "vgg/convolution.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

struct Case {
  int64_t in;
  int64_t out;
  int64_t height;
  int64_t width;
};

const std::vector<Case> kCases{{3, 8, 5, 6},   {8, 16, 33, 17}, {64, 64, 9, 12}, {5, 7, 1, 1},
                               {16, 4, 1, 23}, {4, 16, 23, 1},  {1, 1, 4, 4},    {64, 3, 6, 5},
                               {64, 80, 6, 7}, {80, 64, 1, 1},  {64, 64, 33, 30}};
const std::vector<at::ScalarType> kTypes{at::kDouble, at::kFloat, at::kBFloat16};

/// Tolerance relative to the largest value. bfloat16: sums are float32, so the result is rounded
/// once. Winograd's intermediate values are larger than its results.
double tolerance(const Case& shape, at::ScalarType type) {
  if (type == at::kDouble) return 1e-13;
  if (type == at::kBFloat16) return 4e-3;
  const bool is_winograd =
      WinogradConvolution::is_usable(at::empty({shape.out, shape.in, 3, 3}, at::kFloat));
  return is_winograd ? 5e-6 : 2e-6;
}

/// A convolution, the same weights in float64, and an input; all rounded to `type` first, so that
/// only the arithmetic differs.
struct Setting {
  Setting(const Case& shape, at::ScalarType type)
      : weight(random_normal({shape.out, shape.in, 3, 3}, 1).to(type).to(at::kFloat)),
        bias(random_normal({shape.out}, 2).to(type).to(at::kFloat)),
        input(channels_last(random_normal({1, shape.in, shape.height, shape.width}, 3, type))),
        convolution(weight, bias, at::kCPU, type) {}

  static at::Tensor channels_last(const at::Tensor& batch) {
    return batch.contiguous(at::MemoryFormat::ChannelsLast);
  }
  [[nodiscard]] at::Tensor exact_forward() const {
    return at::conv2d(input.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), 1, 1);
  }

  at::Tensor weight;
  at::Tensor bias;
  at::Tensor input;
  Convolution convolution;
};

template <typename Body>
void for_each_case(const Body& body) {
  for (const Case& shape : kCases) {
    for (const at::ScalarType type : kTypes) {
      SCOPED_TRACE(std::string(at::toString(type)) + " " + std::to_string(shape.in) + " to " +
                   std::to_string(shape.out) + ", " + std::to_string(shape.height) + "x" +
                   std::to_string(shape.width));
      body(shape, type);
    }
  }
}

TEST(Convolution, ForwardEqualsTheFloat64Convolution) {
  for_each_case([](const Case& shape, at::ScalarType type) {
    const Setting setting(shape, type);
    const at::Tensor output = setting.convolution.forward(setting.input, false);
    EXPECT_EQ(output.scalar_type(), type);
    EXPECT_LT(relative_error(output, setting.exact_forward()), tolerance(shape, type));
  });
}

TEST(Convolution, ForwardWithReluCutsNegativeValues) {
  for_each_case([](const Case& shape, at::ScalarType type) {
    const Setting setting(shape, type);
    const at::Tensor output = setting.convolution.forward(setting.input, true);
    EXPECT_GE(output.min().item<double>(), 0.0);
    // Relative to the largest magnitude before the ReLU, which determines the rounding error.
    const at::Tensor exact = setting.exact_forward();
    const double scale = exact.abs().max().item<double>();
    EXPECT_LT((output.to(at::kDouble) - at::relu(exact)).abs().max().item<double>(),
              tolerance(shape, type) * scale);
  });
}

TEST(Convolution, BackwardEqualsTheLibraryGradient) {
  for_each_case([](const Case& shape, at::ScalarType type) {
    const Setting setting(shape, type);
    const at::Tensor upstream =
        Setting::channels_last(random_normal({1, shape.out, shape.height, shape.width}, 4, type));
    const at::Tensor exact = std::get<0>(at::convolution_backward(
        upstream.to(at::kDouble), setting.input.to(at::kDouble), setting.weight.to(at::kDouble),
        at::OptionalIntArrayRef(), {1, 1}, {1, 1}, {1, 1}, false, {0, 0}, 1, {true, false, false}));
    const at::Tensor gradient = setting.convolution.backward_input(upstream);
    EXPECT_EQ(gradient.scalar_type(), type);
    EXPECT_LT(relative_error(gradient, exact), tolerance(shape, type));
  });
}

TEST(Convolution, BackwardIsTheTransposeOfForward) {
  // <conv(x) - conv(0), y> = <x, backward(y)>.
  const Setting setting({6, 10, 7, 9}, at::kDouble);
  const at::Tensor upstream = Setting::channels_last(random_normal({1, 10, 7, 9}, 5, at::kDouble));
  const at::Tensor linear_part = setting.convolution.forward(setting.input, false) -
                                 setting.convolution.forward(at::zeros_like(setting.input), false);
  const double left = (linear_part * upstream).sum().item<double>();
  const double right =
      (setting.input * setting.convolution.backward_input(upstream)).sum().item<double>();
  EXPECT_NEAR(left, right, 1e-10 * std::abs(left));
}

TEST(Convolution, ResultsAreChannelsLast) {
  for_each_case([](const Case& shape, at::ScalarType type) {
    const Setting setting(shape, type);
    const at::Tensor output = setting.convolution.forward(setting.input, true);
    EXPECT_TRUE(output.permute({0, 2, 3, 1}).squeeze(0).is_contiguous());
    const at::Tensor gradient = setting.convolution.backward_input(output);
    EXPECT_TRUE(gradient.permute({0, 2, 3, 1}).squeeze(0).is_contiguous());
  });
}

TEST(Convolution, TakesRowsCutOutOfALargerImage) {
  for (const at::ScalarType type : kTypes) {
    const Setting setting({8, 16, 20, 11}, type);
    const at::Tensor rows = setting.input.narrow(2, 5, 9);
    const at::Tensor copied = Setting::channels_last(rows.clone());
    EXPECT_LT(relative_error(setting.convolution.forward(rows, true),
                             setting.convolution.forward(copied, true)),
              1e-7);
  }
}

TEST(Convolution, KnowsItsChannels) {
  const Setting setting({5, 7, 1, 1}, at::kFloat);
  EXPECT_EQ(setting.convolution.in_channels(), 5);
  EXPECT_EQ(setting.convolution.out_channels(), 7);
}

}  // namespace
}  // namespace styletransfer::detail
