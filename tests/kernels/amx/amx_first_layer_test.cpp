#include "kernels/amx/amx_first_layer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tuple>

#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

// Pixels and weights have 16 significant bits.
constexpr double kArithmetic = 1e-4;
// Features are rounded to bfloat16: half a unit in the last place of 8 bits.
constexpr double kRounding = 1.0 / 256.0;

class AmxFirstLayerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!AmxFirstLayer::is_usable(weight_)) {
      GTEST_SKIP() << "this processor has no bf16 tiles";
    }
  }

  [[nodiscard]] at::Tensor exact_forward(const at::Tensor& pixels) const {
    const at::Tensor batch = (pixels - offset_).to(at::kDouble).permute({2, 0, 1}).unsqueeze(0);
    const at::Tensor output =
        at::conv2d(batch, weight_.to(at::kDouble), bias_.to(at::kDouble), 1, 1);
    return output.squeeze(0).permute({1, 2, 0});
  }
  [[nodiscard]] at::Tensor exact_backward(const at::Tensor& gradient) const {
    const at::Tensor batch = gradient.to(at::kDouble).permute({2, 0, 1}).unsqueeze(0);
    return at::conv_transpose2d(batch, weight_.to(at::kDouble), {}, 1, 1)
        .squeeze(0)
        .permute({1, 2, 0});
  }

  void expect_right(int64_t height, int64_t width) const {
    SCOPED_TRACE(std::to_string(height) + " rows of " + std::to_string(width));
    const AmxFirstLayer convolution(weight_, bias_);
    const at::Tensor pixels = random_image(height, width, 3);
    const at::Tensor exact = exact_forward(pixels);
    const at::Tensor features = convolution.forward_relu(pixels, offset_, {0, height});
    ASSERT_EQ(features.sizes(), exact.sizes());
    const double scale = exact.abs().max().item<double>();
    const at::Tensor error = (features.to(at::kDouble) - at::relu(exact)).abs();
    const at::Tensor allowed = at::relu(exact) * kRounding + kArithmetic * scale;
    EXPECT_TRUE((error <= allowed).all().item<bool>())
        << "largest error " << error.max().item<double>() << " of " << scale;

    const at::Tensor upstream = random_normal({height, width, 64}, 4, at::kBFloat16);
    const at::Tensor gradient = at::empty({height, width, 3});
    convolution.backward_input(upstream, 0, {0, height}, gradient);
    EXPECT_LT(relative_error(gradient, exact_backward(upstream)), kArithmetic);
  }

  // Pixels in 0..1 and weights scaled by 255, as with a folded input convention.
  at::Tensor weight_ = random_normal({64, 3, 3, 3}, 1).mul_(60.0);
  at::Tensor bias_ = random_normal({64}, 2).mul_(20.0);
  at::Tensor offset_ = at::tensor({0.485F, 0.458F, 0.408F});
};

TEST_F(AmxFirstLayerTest, EqualsTheConvolutionForEveryWidthAndFewRows) {
  for (int64_t height = 1; height <= 5; ++height) {
    for (int64_t width = 1; width <= 70; ++width) expect_right(height, width);
  }
}

TEST_F(AmxFirstLayerTest, HasNoSeamsBetweenThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(3);
  expect_right(61, 45);
  at::set_num_threads(threads);
}

TEST_F(AmxFirstLayerTest, SeesPixelStepsThatBfloat16CannotShow) {
  // 0.7 and 0.7 + 1/2550 are the same number in bfloat16.
  const AmxFirstLayer convolution(at::ones_like(weight_), at::zeros_like(bias_));
  const at::Tensor pixels = at::full({3, 3, 3}, 0.7F);
  const float step = 1.0F / 2550.0F;
  ASSERT_TRUE(at::equal(pixels.to(at::kBFloat16), (pixels + step).to(at::kBFloat16)));
  const at::Tensor offset = pixels[0][0].clone();
  const at::Tensor features = convolution.forward_relu(pixels + step, offset, {0, 3});
  EXPECT_NEAR(features[1][1][0].item<float>(), 27.0F * step, 27.0F * step * kRounding);
}

TEST_F(AmxFirstLayerTest, PadsWithZeroAfterTheOffsetIsTaken) {
  const AmxFirstLayer convolution(at::ones_like(weight_), at::zeros_like(bias_));
  const at::Tensor gray = at::full({4, 4, 3}, 0.5F);
  const at::Tensor features = convolution.forward_relu(gray, at::full({3}, 0.5F), {0, 4});
  EXPECT_EQ(features.count_nonzero().item<int64_t>(), 0);
}

TEST(AmxFirstLayer, IsOnlyForThreeChannelsToSixtyFour) {
  EXPECT_FALSE(AmxFirstLayer::is_usable(at::zeros({32, 3, 3, 3})));
  EXPECT_FALSE(AmxFirstLayer::is_usable(at::zeros({64, 4, 3, 3})));
}

}  // namespace
}  // namespace styletransfer::detail
