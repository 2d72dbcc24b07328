#include "loss/style/gram_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/amx/amx_gram.h"
#include "loss/style/gram_loss.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

// Sizes around the AMX tile's 32 positions, its chunk of 512 and the 1024 of product_in_chunks.
const std::vector<int64_t> kPositions{1, 31, 32, 33, 511, 512, 513, 1500, 4099};
const std::vector<int64_t> kChannels{5, 48, 64, 128};
const std::vector<at::ScalarType> kTypes{at::kDouble, at::kFloat, at::kBFloat16};

// Relative error of float32 sums of that many terms. LibTorch's summation order depends on the
// processor; for sequential summation, random rounding errors add up to at most sqrt(4099) * 2^-24
// = 4e-6.
constexpr double kFloatSums = 2e-6;

/// Random features after a ReLU: half of them are zero.
at::Tensor features_of(int64_t positions, int64_t channels, at::ScalarType type,
                       std::uint64_t seed = 1) {
  return at::relu(random_normal({positions, channels}, seed, type));
}

at::Tensor exact_product(const at::Tensor& features) {
  const at::Tensor wide = features.to(at::kDouble);
  return at::mm(wide.t(), wide);
}

template <typename Body>
void for_each_case(const Body& body) {
  for (const int64_t positions : kPositions) {
    for (const int64_t channels : kChannels) {
      for (const at::ScalarType type : kTypes) {
        SCOPED_TRACE(std::string(at::toString(type)) + " " + std::to_string(positions) + " x " +
                     std::to_string(channels));
        body(features_of(positions, channels, type));
      }
    }
  }
}

TEST(GramProduct, EqualsTheFloat64Product) {
  for_each_case([](const at::Tensor& features) {
    const at::ScalarType type = features.scalar_type();
    const at::Tensor product = gram_product(features);
    EXPECT_EQ(product.scalar_type(), type == at::kBFloat16 ? at::kFloat : type);
    const bool library_rounds = type == at::kBFloat16 && !amx_gram_usable(features);
    const double allowed = type == at::kDouble ? 1e-13 : library_rounds ? 4e-3 : kFloatSums;
    EXPECT_LT(relative_error(product, exact_product(features)), allowed);
  });
}

TEST(GramProduct, IsExactlySymmetricOnTiles) {
  const at::Tensor features = features_of(1000, 128, at::kBFloat16);
  if (!amx_gram_usable(features)) GTEST_SKIP() << "this processor has no bf16 tiles";
  const at::Tensor product = gram_product(features);
  EXPECT_TRUE(at::equal(product, product.t()));
}

TEST(GramProduct, IsTheSameForEveryRunWithTheSameThreads) {
  const int threads = at::get_num_threads();
  for (const int count : {1, 3}) {
    at::set_num_threads(count);
    for (const at::ScalarType type : kTypes) {
      const at::Tensor features = features_of(4099, 64, type);
      const at::Tensor first = gram_product(features);
      for (int run = 0; run < 3; ++run) EXPECT_TRUE(at::equal(gram_product(features), first));
      EXPECT_LT(relative_error(first, exact_product(features)), 4e-3);
    }
  }
  at::set_num_threads(threads);
}

TEST(AddGramGradient, AddsTheProductAndAppliesTheRelu) {
  for_each_case([](const at::Tensor& features) {
    const at::ScalarType type = features.scalar_type();
    const int64_t channels = features.size(1);
    const at::Tensor half = random_normal({channels, channels}, 2);
    const at::Tensor factor = (half + half.t()).mul_(0.1).to(type);
    const at::Tensor before = random_normal(features.sizes(), 3, type);
    at::Tensor exact =
        before.to(at::kDouble) + at::mm(features.to(at::kDouble), factor.to(at::kDouble));
    for (const bool through_relu : {false, true}) {
      at::Tensor gradient = before.clone();
      add_gram_gradient_(gradient, features, factor, through_relu);
      if (through_relu) exact = exact * features.gt(0);
      EXPECT_LT(relative_error(gradient, exact), type == at::kDouble  ? 1e-13
                                                 : type == at::kFloat ? kFloatSums
                                                                      : 6e-3);
    }
  });
}

TEST(AddGramGradient, LeavesExactZerosWhereTheReluIsShut) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor features = features_of(77, 64, type);
    at::Tensor gradient = random_normal(features.sizes(), 4, type);
    add_gram_gradient_(gradient, features, at::eye(64, type), true);
    EXPECT_EQ(at::masked_select(gradient, features.le(0)).count_nonzero().item<int64_t>(), 0);
  }
}

at::Tensor gram_matrix(const at::Tensor& features) {
  GramSum sum;
  sum.add(features, 0);
  return sum.take();
}

TEST(GramMatrix, IsTheMeanOfProductsOverChannelsAndPositions) {
  const at::Tensor features = random_normal({6, 9, 5}, 5, at::kDouble);
  const at::Tensor flat = features.view({54, 5});
  EXPECT_LT(relative_error(gram_matrix(features), at::mm(flat.t(), flat) / (5.0 * 54.0)), 1e-14);
}

TEST(GramMatrix, IsIndependentOfImageSizeForARepeatedTexture) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor texture = at::relu(random_normal({8, 11, 64}, 6, type));
    EXPECT_LT(relative_error(gram_matrix(texture.repeat({3, 2, 1})), gram_matrix(texture)),
              type == at::kDouble  ? 1e-14
              : type == at::kFloat ? 1e-6
                                   : 4e-3);
  }
}

TEST(GramMatrix, IsTheSumOverStrips) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor features = at::relu(random_normal({37, 20, 64}, 7, type));
    GramSum sum;
    for (int64_t row = 0; row < 37; row += 5) {
      sum.add(features.narrow(0, row, std::min<int64_t>(5, 37 - row)), row);
    }
    EXPECT_LT(relative_error(sum.take(), gram_matrix(features)), type == at::kDouble  ? 1e-14
                                                                 : type == at::kFloat ? 1e-6
                                                                                      : 4e-3);
  }
}

TEST(GramMatrix, RestartsAfterItWasTaken) {
  const at::Tensor features = random_normal({4, 4, 3}, 8);
  GramSum sum;
  sum.add(random_normal({9, 2, 3}, 9), 0);
  static_cast<void>(sum.take());
  sum.add(features, 0);
  EXPECT_TRUE(at::equal(sum.take(), gram_matrix(features)));
}

/// Weights with runs of zeros, runs of ones, and values in between.
at::Tensor weights_of(int64_t positions) {
  const at::Tensor spread = random_image(1, positions, 9).select(2, 0).flatten();
  at::Tensor weights = spread.mul(3.0).sub_(1.0).clamp_(0.0, 1.0).contiguous();
  if (positions > 96) weights.narrow(0, 16, 64).zero_();
  return weights;
}

TEST(WeightedGramProduct, EqualsTheFloat64Product) {
  for_each_case([](const at::Tensor& features) {
    const at::ScalarType type = features.scalar_type();
    const at::Tensor weights = weights_of(features.size(0));
    const at::Tensor wide = features.to(at::kDouble);
    const at::Tensor exact = at::mm(wide.t(), wide * weights.to(at::kDouble).unsqueeze(1));
    // Weighting rounds the features once more; the square roots of the weights are float32.
    const double allowed = type == at::kDouble ? 1e-7 : type == at::kBFloat16 ? 6e-3 : kFloatSums;
    EXPECT_LT(relative_error(gram_product(features, weights), exact), allowed);
  });
}

TEST(WeightedGramProduct, OfWeightsOfOneHasTheSameBytesAsThePlainOne) {
  for_each_case([](const at::Tensor& features) {
    EXPECT_TRUE(
        at::equal(gram_product(features, at::ones({features.size(0)})), gram_product(features)));
  });
}

TEST(WeightedGramGradient, AddsTheWeightedProductAndAppliesTheReluEverywhere) {
  for_each_case([](const at::Tensor& features) {
    const at::ScalarType type = features.scalar_type();
    const at::Tensor weights = weights_of(features.size(0));
    const at::Tensor half = random_normal({features.size(1), features.size(1)}, 3);
    const at::Tensor factor = (half + half.t()).to(type);
    const at::Tensor start = random_normal(features.sizes(), 4, type);
    for (const bool through_relu : {false, true}) {
      at::Tensor gradient = start.clone();
      add_gram_gradient_(gradient, features, factor, through_relu, weights);
      at::Tensor exact =
          start.to(at::kDouble) + at::mm(features.to(at::kDouble), factor.to(at::kDouble)) *
                                      weights.to(at::kDouble).unsqueeze(1);
      if (through_relu) exact.mul_(features > 0);
      EXPECT_LT(relative_error(gradient, exact), type == at::kDouble     ? 1e-13
                                                 : type == at::kBFloat16 ? 2e-2
                                                                         : 1e-6);
    }
  });
}

}  // namespace
}  // namespace styletransfer::detail
