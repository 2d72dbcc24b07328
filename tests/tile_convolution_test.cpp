#include "detail/tile_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detail/kernels.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

// One rounding to bfloat16, relative to the largest value.
constexpr double kRounding = 4e-3;

class TileConvolutionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!TileConvolution::is_usable(at::zeros({32, 32, 3, 3}))) {
      GTEST_SKIP() << "this processor has no bf16 tiles";
    }
  }
};

at::Tensor bfloat16_normal(at::IntArrayRef shape, std::uint64_t seed) {
  return random_normal(shape, seed, at::kBFloat16);
}

/// Features as a ReLU leaves them: half of them zero.
at::Tensor some_features(int64_t height, int64_t width, int64_t channels, std::uint64_t seed) {
  return at::relu(bfloat16_normal({height, width, channels}, seed));
}

/// [h, w, in] and [out, in, 3, 3] to [h, w, out], in float64.
at::Tensor exact(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor batch = features.to(at::kDouble).permute({2, 0, 1}).unsqueeze(0);
  return at::conv2d(batch, weight.to(at::kDouble), bias.to(at::kDouble), 1, 1)
      .squeeze(0)
      .permute({1, 2, 0});
}

struct Layer {
  Layer(int64_t in, int64_t out)
      : weight(bfloat16_normal({out, in, 3, 3}, 1)),
        bias(random_normal({out}, 2)),
        convolution(weight, bias) {}
  at::Tensor weight;
  at::Tensor bias;
  TileConvolution convolution;
};

at::Tensor plain_run(const Layer& layer, const at::Tensor& features) {
  return layer.convolution.run(StoredRows(features), features.size(0), features.size(1), {});
}

TEST_F(TileConvolutionTest, EqualsTheConvolutionForEverySmallSize) {
  const Layer layer(32, 64);
  for (int64_t height = 1; height <= 7; ++height) {
    for (int64_t width = 1; width <= 37; ++width) {
      SCOPED_TRACE(std::to_string(height) + " rows of " + std::to_string(width));
      const at::Tensor features = some_features(height, width, 32, 3);
      EXPECT_LT(
          relative_error(plain_run(layer, features), exact(features, layer.weight, layer.bias)),
          kRounding);
    }
  }
}

TEST_F(TileConvolutionTest, IsTheSameForEveryNumberOfThreads) {
  const Layer layer(64, 32);
  const at::Tensor features = some_features(29, 41, 64, 3);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor alone = plain_run(layer, features);
  at::set_num_threads(3);
  const at::Tensor shared = plain_run(layer, features);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(alone, shared));
}

TEST_F(TileConvolutionTest, HasNoSeamsInPicturesThatAreCutIntoColumns) {
  // Rows so wide that a few of them do not fit the cache.
  const Layer layer(64, 32);
  const at::Tensor features = some_features(9, 3001, 64, 3);
  EXPECT_LT(relative_error(plain_run(layer, features), exact(features, layer.weight, layer.bias)),
            kRounding);
}

TEST_F(TileConvolutionTest, CutsNegativeValuesOnTheWayOut) {
  const Layer layer(32, 32);
  const at::Tensor features = some_features(5, 19, 32, 3);
  ConvolutionFinish finish;
  finish.relu = true;
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(features), 5, 19, finish),
                        at::relu(plain_run(layer, features))));
}

TEST_F(TileConvolutionTest, KeepsWhatStandsAtPositiveFeatures) {
  const Layer layer(32, 64);
  const at::Tensor input = some_features(6, 21, 32, 3);
  ConvolutionFinish finish;
  finish.features = some_features(6, 21, 64, 4);
  const at::Tensor wanted = plain_run(layer, input);
  relu_backward_(wanted, finish.features);
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(input), 6, 21, finish), wanted));
}

TEST_F(TileConvolutionTest, AddsTheFeaturesTimesAFactorOnTheRowsAskedFor) {
  const Layer layer(32, 64);
  const at::Tensor input = some_features(8, 21, 32, 3);
  ConvolutionFinish finish;
  finish.features = some_features(8, 21, 64, 4);
  const at::Tensor half = bfloat16_normal({64, 64}, 5);
  finish.factor = half + half.t();
  finish.first_row = 2;
  finish.last_row = 7;
  at::Tensor wanted = exact(input, layer.weight, layer.bias);
  const at::Tensor seen = finish.features.to(at::kDouble);
  wanted.narrow(0, 2, 5).add_(at::matmul(seen.narrow(0, 2, 5), finish.factor.to(at::kDouble)));
  wanted.mul_(seen > 0.0);
  EXPECT_LT(relative_error(layer.convolution.run(StoredRows(input), 8, 21, finish), wanted),
            kRounding);
}

TEST_F(TileConvolutionTest, ReadsAPoolingsGradientAsIfItWereStored) {
  const Layer layer(64, 32);
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    for (const int64_t width : {2, 3, 30, 31, 2001}) {
      for (const int64_t height : {2, 7, 12}) {
        SCOPED_TRACE(std::to_string(height) + " rows of " + std::to_string(width));
        const at::Tensor features = some_features(height, width, 64, 3);
        const at::Tensor pooled = bfloat16_normal({height / 2, width / 2, 64}, 4);
        const at::Tensor stored = at::empty_like(features);
        pool_2x2_backward(kind, features, pooled, true, stored);
        const UnpooledRows rows(kind, features, pooled, 0, height);
        EXPECT_TRUE(
            at::equal(layer.convolution.run(rows, height, width, {}), plain_run(layer, stored)));
      }
    }
  }
}

TEST_F(TileConvolutionTest, TakesRowsOutsideAStripAsZero) {
  const Layer layer(32, 32);
  const at::Tensor features = some_features(12, 18, 32, 3);
  const at::Tensor pooled = bfloat16_normal({4, 9, 32}, 4);
  const at::Tensor stored = at::zeros_like(features);
  at::Tensor own = stored.narrow(0, 1, 8);
  pool_2x2_backward(PoolKind::kMax, features.narrow(0, 1, 8), pooled, true, own);
  const UnpooledRows unpooled(PoolKind::kMax, features, pooled, 1, 9);
  EXPECT_TRUE(at::equal(layer.convolution.run(unpooled, 12, 18, {}), plain_run(layer, stored)));

  const at::Tensor cut = features.clone();
  cut.narrow(0, 0, 3).zero_();
  cut.narrow(0, 10, 2).zero_();
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(features, 3, 10), 12, 18, {}),
                        plain_run(layer, cut)));
}

TEST(TileConvolution, IsForChannelsInMultiplesOfThirtyTwo) {
  EXPECT_FALSE(TileConvolution::is_usable(at::zeros({32, 3, 3, 3})));
  EXPECT_FALSE(TileConvolution::is_usable(at::zeros({48, 32, 3, 3})));
}

}  // namespace
}  // namespace styletransfer::detail
