#include "kernels/amx/amx_convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/activation_masks.h"
#include "kernels/elementwise.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

// Tolerance relative to the largest value: one rounding to bfloat16.
constexpr double kRounding = 4e-3;

class AmxConvolutionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!AmxConvolution::is_usable(at::zeros({32, 32, 3, 3}))) {
      GTEST_SKIP() << "this processor has no bf16 tiles";
    }
  }
};

at::Tensor bfloat16_normal(at::IntArrayRef shape, std::uint64_t seed) {
  return random_normal(shape, seed, at::kBFloat16);
}

/// Random features after a ReLU: half of them are zero.
at::Tensor some_features(int64_t height, int64_t width, int64_t channels, std::uint64_t seed) {
  return at::relu(bfloat16_normal({height, width, channels}, seed));
}

/// Reference: convolves [h, w, in] with [out, in, 3, 3] to [h, w, out] in float64.
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
  AmxConvolution convolution;
};

at::Tensor plain_run(const Layer& layer, const at::Tensor& features) {
  return layer.convolution.run(StoredRows(features), {0, features.size(0)}, features.size(1), {});
}

TEST_F(AmxConvolutionTest, EqualsTheConvolutionForEverySmallSize) {
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

TEST_F(AmxConvolutionTest, IsTheSameForEveryNumberOfThreads) {
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

TEST_F(AmxConvolutionTest, HasNoSeamsInImagesThatAreCutIntoColumns) {
  // Rows so wide that kMinRows of them exceed kPackedBytes.
  const Layer layer(64, 32);
  const at::Tensor features = some_features(9, 3001, 64, 3);
  EXPECT_LT(relative_error(plain_run(layer, features), exact(features, layer.weight, layer.bias)),
            kRounding);
}

TEST_F(AmxConvolutionTest, CutsNegativeValuesOnTheWayOut) {
  const Layer layer(32, 32);
  const at::Tensor features = some_features(5, 19, 32, 3);
  ConvolutionEpilogue epilogue;
  epilogue.relu = true;
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(features), {0, 5}, 19, epilogue),
                        at::relu(plain_run(layer, features))));
}

TEST_F(AmxConvolutionTest, KeepsWhatStandsAtPositiveFeatures) {
  const Layer layer(32, 64);
  const at::Tensor input = some_features(6, 21, 32, 3);
  ConvolutionEpilogue epilogue;
  epilogue.features = some_features(6, 21, 64, 4);
  const at::Tensor wanted = plain_run(layer, input);
  relu_backward_(wanted, epilogue.features);
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(input), {0, 6}, 21, epilogue), wanted));
}

TEST_F(AmxConvolutionTest, KeepsWhatAMaskPassesAndMarksWhatIsPositive) {
  const Layer layer(32, 64);
  const at::Tensor input = some_features(6, 21, 32, 3);
  ConvolutionEpilogue forward;
  forward.relu = true;
  forward.marks = empty_mask(6, 21, 64, input.options());
  const at::Tensor output = layer.convolution.run(StoredRows(input), {0, 6}, 21, forward);
  const at::Tensor marks = empty_mask(6, 21, 64, input.options());
  make_relu_mask(output, marks);
  EXPECT_TRUE(at::equal(forward.marks, marks));

  ConvolutionEpilogue backward;
  backward.mask = marks;
  const at::Tensor wanted = plain_run(layer, input);
  apply_mask_(wanted, marks);
  EXPECT_TRUE(at::equal(layer.convolution.run(StoredRows(input), {0, 6}, 21, backward), wanted));
}

TEST_F(AmxConvolutionTest, AddsTheFeaturesTimesAFactor) {
  const Layer layer(32, 64);
  const at::Tensor input = some_features(8, 21, 32, 3);
  ConvolutionEpilogue epilogue;
  epilogue.features = some_features(8, 21, 64, 4);
  const at::Tensor half = bfloat16_normal({64, 64}, 5);
  epilogue.factor = half + half.t();
  at::Tensor wanted = exact(input, layer.weight, layer.bias);
  const at::Tensor seen = epilogue.features.to(at::kDouble);
  wanted.add_(at::matmul(seen, epilogue.factor.to(at::kDouble)));
  wanted.mul_(seen > 0.0);
  EXPECT_LT(relative_error(layer.convolution.run(StoredRows(input), {0, 8}, 21, epilogue), wanted),
            kRounding);
}

TEST_F(AmxConvolutionTest, GivesAnyRowsOfTheImage) {
  const Layer layer(32, 32);
  const at::Tensor features = some_features(12, 18, 32, 3);
  const at::Tensor whole = plain_run(layer, features);
  for (const Rows rows : {Rows{0, 12}, Rows{0, 1}, Rows{3, 8}, Rows{11, 12}}) {
    const Rows read = rows.grown(1, 12);
    const StoredRows chunk(features.narrow(0, read.first, read.count()), read.first);
    ConvolutionEpilogue epilogue;
    epilogue.output = at::empty({rows.count(), 18, 32}, at::kBFloat16);
    EXPECT_TRUE(layer.convolution.run(chunk, rows, 18, epilogue).is_same(epilogue.output));
    EXPECT_TRUE(at::equal(epilogue.output, whole.narrow(0, rows.first, rows.count())));
  }
}

/// Sizes with odd rows and columns, and wide enough to be split into columns.
template <typename Body>
void for_each_pooled_size(const Body& body) {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    for (const int64_t width : {1, 2, 3, 30, 31, 2001}) {
      for (const int64_t height : {2, 3, 7, 12}) {
        SCOPED_TRACE(std::to_string(height) + " rows of " + std::to_string(width));
        body(kind, height, width);
      }
    }
  }
}

TEST_F(AmxConvolutionTest, ReadsAPoolingsGradientAsIfItWereStored) {
  const Layer layer(64, 32);
  for_each_pooled_size([&](PoolKind kind, int64_t height, int64_t width) {
    const at::Tensor features = some_features(height, width, 64, 3);
    const at::Tensor upstream = bfloat16_normal({height / 2, width / 2, 64}, 4);
    const at::Tensor mask = empty_mask(height, width, 64, features.options());
    pool_with_mask(kind, features, true, at::empty_like(upstream), mask);
    const at::Tensor stored = at::empty_like(features);
    unpool(kind, upstream, mask, 0, stored);
    EXPECT_TRUE(
        at::equal(layer.convolution.run(UnpooledRows(kind, upstream, mask), {0, height}, width, {}),
                  plain_run(layer, stored)));
  });
}

TEST_F(AmxConvolutionTest, PoolsAsIfItsOutputWereStored) {
  const Layer layer(64, 32);
  for_each_pooled_size([&](PoolKind kind, int64_t height, int64_t width) {
    const at::Tensor features = some_features(height, width, 64, 3);
    const at::Tensor stored = at::relu(plain_run(layer, features));
    const at::Tensor wanted = at::empty({height / 2, width / 2, 32}, at::kBFloat16);
    const at::Tensor wanted_mask = empty_mask(height, width, 32, features.options()).zero_();
    pool_with_mask(kind, stored, true, wanted, wanted_mask);
    const at::Tensor pooled = at::empty_like(wanted);
    const at::Tensor mask = at::zeros_like(wanted_mask);
    layer.convolution.run_pooled(StoredRows(features), {0, height}, width, kind, pooled, mask);
    EXPECT_TRUE(at::equal(pooled, wanted));
    EXPECT_TRUE(at::equal(mask, wanted_mask));
    layer.convolution.run_pooled(StoredRows(features), {0, height}, width, kind, pooled.zero_(),
                                 {});
    EXPECT_TRUE(at::equal(pooled, wanted));
  });
}

TEST(AmxConvolution, IsForChannelsInMultiplesOfThirtyTwo) {
  EXPECT_FALSE(AmxConvolution::is_usable(at::zeros({32, 3, 3, 3})));
  EXPECT_FALSE(AmxConvolution::is_usable(at::zeros({48, 32, 3, 3})));
}

}  // namespace
}  // namespace styletransfer::detail
