#include "kernels/winograd/winograd_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <tuple>
#include <utility>

#include "kernels/winograd/winograd_transforms.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

using Numbers = WinogradConvolution::Numbers;

/// Tolerance relative to the largest value: a few roundings of intermediate values, which are
/// larger than the result, to float32 or to integers.
double rounding(Numbers numbers) { return numbers == Numbers::kFloat32 ? 5e-6 : 4e-3; }

at::Tensor channels_last(const at::Tensor& batch) {
  return batch.contiguous(at::MemoryFormat::ChannelsLast);
}

struct Layer {
  Layer(int64_t in, int64_t out, Numbers numbers)
      : weight(random_normal({out, in, 3, 3}, 1, at::kFloat)),
        bias(random_normal({out}, 2, at::kFloat)),
        convolution(weight, bias, numbers) {}

  [[nodiscard]] at::Tensor exact_forward(const at::Tensor& input) const {
    return at::conv2d(input.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble), 1, 1);
  }
  [[nodiscard]] at::Tensor exact_backward(const at::Tensor& gradient) const {
    const at::Tensor input =
        at::zeros({1, weight.size(1), gradient.size(2), gradient.size(3)}, at::kDouble);
    return std::get<0>(at::convolution_backward(
        gradient.to(at::kDouble), input, weight.to(at::kDouble), at::OptionalIntArrayRef(), {1, 1},
        {1, 1}, {1, 1}, false, {0, 0}, 1, {true, false, false}));
  }

  at::Tensor weight;
  at::Tensor bias;
  WinogradConvolution convolution;
};

class WinogradConvolutionIn : public testing::TestWithParam<Numbers> {};

INSTANTIATE_TEST_SUITE_P(Numbers, WinogradConvolutionIn,
                         testing::Values(Numbers::kFloat32, Numbers::kInt16),
                         [](const testing::TestParamInfo<Numbers>& numbers) {
                           return numbers.param == Numbers::kFloat32 ? "Float32" : "Int16";
                         });

TEST_P(WinogradConvolutionIn, EqualsTheConvolutionForEverySmallSize) {
  const Layer layer(64, 96, GetParam());
  for (int64_t height = 1; height <= 9; ++height) {
    for (int64_t width = 1; width <= 9; ++width) {
      SCOPED_TRACE(std::to_string(height) + "x" + std::to_string(width));
      const at::Tensor input = channels_last(random_normal({1, 64, height, width}, 3, at::kFloat));
      EXPECT_LT(
          relative_error(layer.convolution.forward(input, false, 0), layer.exact_forward(input)),
          rounding(GetParam()));
      const at::Tensor gradient =
          channels_last(random_normal({1, 96, height, width}, 4, at::kFloat));
      EXPECT_LT(relative_error(layer.convolution.backward_input(gradient, 0),
                               layer.exact_backward(gradient)),
                rounding(GetParam()));
    }
  }
}

TEST_P(WinogradConvolutionIn, EqualsTheConvolutionForMoreTilesThanAreWorkedOnAtATime) {
  // Few channels (each thread has its own tiles) and many (all threads share the same tiles).
  for (const auto& [in, out] : {std::pair{64, 64}, {64, 160}, {160, 96}}) {
    SCOPED_TRACE(std::to_string(in) + " to " + std::to_string(out));
    const Layer layer(in, out, GetParam());
    const at::Tensor input = channels_last(random_normal({1, in, 71, 58}, 3, at::kFloat));
    const at::Tensor exact = layer.exact_forward(input);
    EXPECT_LT(relative_error(layer.convolution.forward(input, false, 0), exact),
              rounding(GetParam()));
    EXPECT_LT(relative_error(layer.convolution.forward(input, true, 0), at::relu(exact)),
              rounding(GetParam()));
    const at::Tensor gradient = channels_last(random_normal({1, out, 71, 58}, 4, at::kFloat));
    EXPECT_LT(relative_error(layer.convolution.backward_input(gradient, 0),
                             layer.exact_backward(gradient)),
              rounding(GetParam()));
  }
}

TEST_P(WinogradConvolutionIn, RowsOfAnImageGiveWhatTheWholeImageGives) {
  const Layer layer(64, 64, GetParam());
  const at::Tensor input = channels_last(random_normal({1, 64, 40, 12}, 3, at::kFloat));
  const at::Tensor whole = layer.convolution.forward(input, true, 0);
  const at::Tensor whole_back = layer.convolution.backward_input(input, 0);
  for (const int64_t first : {0, 5, 6, 11, 16}) {
    SCOPED_TRACE(first);
    const at::Tensor rows = channels_last(input.narrow(2, first, 20));
    // The outermost rows see zero padding instead of the rest of the image.
    const auto inner = [](const at::Tensor& of, int64_t at) { return of.narrow(2, at, 18); };
    EXPECT_LT(relative_error(inner(layer.convolution.forward(rows, true, first), 1),
                             inner(whole, first + 1)),
              rounding(GetParam()));
    EXPECT_LT(relative_error(inner(layer.convolution.backward_input(rows, first), 1),
                             inner(whole_back, first + 1)),
              rounding(GetParam()));
    // Elsewhere the tiles contain the same pixels, and all rounding is the same.
    const int64_t same = (first + 7) / 4 * 4;
    EXPECT_TRUE(at::equal(layer.convolution.forward(rows, true, first).narrow(2, same - first, 8),
                          whole.narrow(2, same, 8)));
  }
}

TEST_P(WinogradConvolutionIn, AnEvenAreaStaysExactlyEven) {
  // Max pooling gives the gradient to the first of equal values; rounding must not make them
  // unequal.
  const Layer layer(64, 64, GetParam());
  const at::Tensor color = random_normal({1, 64, 1, 1}, 3, at::kFloat);
  const at::Tensor output =
      layer.convolution.forward(channels_last(color.expand({1, 64, 16, 16})), false, 0);
  const at::Tensor inner = output.narrow(2, 4, 8).narrow(3, 4, 8);
  EXPECT_TRUE(at::equal(inner, inner.narrow(2, 0, 1).narrow(3, 0, 1).expand_as(inner)));
}

TEST_P(WinogradConvolutionIn, IsTheSameForAnyNumberOfThreads) {
  const Layer layer(64, 160, GetParam());
  const at::Tensor input = channels_last(random_normal({1, 64, 50, 31}, 3, at::kFloat));
  const at::Tensor gradient = channels_last(random_normal({1, 160, 50, 31}, 4, at::kFloat));
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor output = layer.convolution.forward(input, true, 0);
  const at::Tensor back = layer.convolution.backward_input(gradient, 0);
  for (const int others : {2, 3, threads}) {
    SCOPED_TRACE(others);
    at::set_num_threads(others);
    EXPECT_TRUE(at::equal(layer.convolution.forward(input, true, 0), output));
    EXPECT_TRUE(at::equal(layer.convolution.backward_input(gradient, 0), back));
  }
  at::set_num_threads(threads);
}

TEST(WinogradConvolution, ReportsItsScratchMemory) {
  const Layer layer(64, 160, Numbers::kFloat32);
  // Transformed input and products of the backward pass from 160 channels: 36 planes of 98 tiles.
  EXPECT_GE(layer.convolution.scratch_bytes(), int64_t{36} * 98 * (160 + 64) * 4);
  EXPECT_LT(layer.convolution.scratch_bytes(), int64_t{36} * 100 * (160 + 64) * 4 * 4);
}

TEST_P(WinogradConvolutionIn, NoInputGivesTheBias) {
  const Layer layer(64, 64, GetParam());
  const at::Tensor output =
      layer.convolution.forward(channels_last(at::zeros({1, 64, 8, 8})), false, 0);
  EXPECT_TRUE(at::equal(output, layer.bias.view({1, 64, 1, 1}).expand_as(output)));
}

TEST_P(WinogradConvolutionIn, WhatIsNotFiniteStaysSo) {
  // An optimizer that diverges must be able to detect it.
  const Layer layer(64, 64, GetParam());
  for (const double bad : {INFINITY, -INFINITY, NAN}) {
    SCOPED_TRACE(bad);
    at::Tensor input = channels_last(random_normal({1, 64, 8, 8}, 3, at::kFloat));
    input[0][5][1][1] = bad;
    EXPECT_FALSE(layer.convolution.forward(input, false, 0)
                     .narrow(2, 0, 3)
                     .narrow(3, 0, 3)
                     .isfinite()
                     .any()
                     .item<bool>());
  }
}

TEST(WinogradConvolution, IsForFloatsOfManyChannels) {
  EXPECT_TRUE(WinogradConvolution::is_usable(at::empty({64, 128, 3, 3}, at::kFloat)));
  EXPECT_FALSE(WinogradConvolution::is_usable(at::empty({64, 128, 3, 3}, at::kDouble)));
  EXPECT_FALSE(WinogradConvolution::is_usable(at::empty({64, 128, 3, 3}, at::kBFloat16)));
  EXPECT_FALSE(WinogradConvolution::is_usable(at::empty({64, 3, 3, 3}, at::kFloat)));
  EXPECT_FALSE(WinogradConvolution::is_usable(at::empty({80, 64, 3, 3}, at::kFloat)));
}

TEST(WinogradKernels, AreThePolynomialsAtThePairsOfPoints) {
  // g0 / x + g1 + g2 x for the three taps; at 0 and infinity only the first and the last tap.
  constexpr double kPowers[6][3] = {{1, 0, 0},       {1, 1, 1},     {-1, 1, -1},
                                    {2.0, 1.0, 0.5}, {-0.5, 1, -2}, {0, 0, 1}};
  constexpr int64_t kPitch = 9 * 5;
  constexpr int64_t kPlane = 40;
  const at::Tensor kernels = at::randn({cpu::kPanelColumns, kPitch}, at::kDouble).to(at::kFloat);
  at::Tensor values = at::zeros({cpu::kWinogradProducts, kPlane}, at::kFloat);
  cpu::winograd_kernels(kernels.const_data_ptr<float>(), kPitch, values.data_ptr<float>(), kPlane);
  for (int64_t column = 0; column < cpu::kPanelColumns; ++column) {
    for (int64_t y = 0; y < 6; ++y) {
      for (int64_t x = 0; x < 6; ++x) {
        double expected = 0.0;
        for (int64_t tap = 0; tap < 9; ++tap) {
          expected +=
              kPowers[y][tap / 3] * kPowers[x][tap % 3] * kernels[column][tap].item<float>();
        }
        EXPECT_FLOAT_EQ(values[6 * y + x][column].item<float>(), static_cast<float>(expected))
            << column << ", " << y << ", " << x;
      }
    }
  }
  EXPECT_EQ(values.narrow(1, cpu::kPanelColumns, kPlane - cpu::kPanelColumns)
                .count_nonzero()
                .item<int64_t>(),
            0);
}

}  // namespace
}  // namespace styletransfer::detail
