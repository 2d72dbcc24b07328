#include "kernels/elementwise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "kernels/activation_masks.h"
#include "kernels/elementwise_aten.h"
#include "support/numbers.h"

namespace styletransfer::detail {
namespace {

using Shape = std::vector<int64_t>;

// Odd and even sizes, single rows and columns, channels that are and are not multiples of a vector.
const std::vector<Shape> kShapes{{2, 2, 16}, {7, 9, 5},  {8, 6, 64}, {3, 33, 17},
                                 {5, 4, 1},  {2, 70, 3}, {40, 2, 31}};
const std::vector<Shape> kFlatShapes{{1, 1, 3}, {1, 5, 16}, {5, 1, 8}};
const std::vector<at::ScalarType> kTypes{at::kFloat, at::kBFloat16};
const std::vector<PoolKind> kPoolKinds{PoolKind::kMax, PoolKind::kAverage};

std::string describe(const Shape& shape, at::ScalarType type) {
  std::string text = at::toString(type);
  for (const int64_t side : shape) text.append(" ").append(std::to_string(side));
  return text;
}

/// Calls body(shape, type) for all combinations, with a SCOPED_TRACE.
template <typename Body>
void for_each_case(const std::vector<Shape>& shapes, const Body& body) {
  for (const Shape& shape : shapes) {
    for (const at::ScalarType type : kTypes) {
      SCOPED_TRACE(describe(shape, type));
      body(shape, type);
    }
  }
}

/// Integers from -3 to 3: many ties, many zeros of both signs, and every sum exact.
at::Tensor small_integers(const Shape& shape, std::uint64_t seed, at::ScalarType type) {
  return random_normal(shape, seed).mul_(1.5).round_().clamp_(-3, 3).to(type);
}

at::Tensor pooled_like(const at::Tensor& features) {
  return at::empty({features.size(0) / 2, features.size(1) / 2, features.size(2)},
                   features.options());
}

at::Tensor pooled_by_kernel(PoolKind kind, const at::Tensor& features) {
  at::Tensor pooled = pooled_like(features);
  pool_2x2(kind, features, pooled);
  return pooled;
}

/// Initialized with garbage, since every element must be written.
at::Tensor backward_by_kernel(PoolKind kind, const at::Tensor& features, const at::Tensor& upstream,
                              bool through_relu) {
  const at::Tensor pooled = at::empty_like(upstream);
  const at::Tensor mask =
      empty_mask(features.size(0), features.size(1), features.size(2), features.options());
  pool_with_mask(kind, features, through_relu, pooled, mask);
  at::Tensor gradient = at::full_like(features, 77.0);
  unpool(kind, upstream, mask, 0, gradient);
  return gradient;
}

at::Tensor backward_by_library(PoolKind kind, const at::Tensor& features,
                               const at::Tensor& upstream, bool through_relu) {
  at::Tensor gradient = at::full_like(features, 77.0);
  aten::pool_2x2_backward(kind, features, upstream, through_relu, gradient);
  return gradient;
}

TEST(ReluBackward, EqualsTheLibraryFormExactly) {
  for (const auto& shapes : {kShapes, kFlatShapes}) {
    for_each_case(shapes, [](const Shape& shape, at::ScalarType type) {
      const at::Tensor activation = small_integers(shape, 1, type);
      at::Tensor fast = random_normal(shape, 2, type);
      at::Tensor plain = fast.clone();
      relu_backward_(fast, activation);
      aten::relu_backward_(plain, activation);
      EXPECT_TRUE(at::equal(fast, plain));
    });
  }
}

TEST(ReluBackward, LetsNothingThroughWhereTheActivationIsZero) {
  for (const at::ScalarType type : kTypes) {
    at::Tensor gradient = at::ones({3, 5, 7}, type);
    relu_backward_(gradient, at::zeros({3, 5, 7}, type));
    EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 0);
  }
}

/// The tensors saved instead of masks where shares_features().
at::Tensor backward_by_shared_features(PoolKind kind, const at::Tensor& features,
                                       const at::Tensor& upstream, bool through_relu) {
  const bool is_max = kind == PoolKind::kMax;
  const at::Tensor pooled = at::empty_like(upstream);
  WholePooling pooling;
  if (is_max) {
    pooling.indices = pool_with_indices(features, pooled);
    EXPECT_TRUE(at::equal(pooled, pooled_by_kernel(kind, features)));
  }
  if (through_relu) pooling.relu = is_max ? pooled : features;
  at::Tensor gradient = at::full_like(features, 77.0);
  unpool_whole(kind, upstream.clone(), pooling, gradient);
  return gradient;
}

TEST(SharedFeatures, GoBackThroughAPoolingAsItsMaskDoes) {
  for (const Shape& shape : {Shape{6, 8, 5}, Shape{7, 9, 5}, Shape{5, 4, 3}}) {
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
      for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
        for (const bool through_relu : {false, true}) {
          SCOPED_TRACE(describe(shape, type));
          const at::Tensor features = small_integers(shape, 31, type);
          const at::Tensor upstream =
              random_normal({shape[0] / 2, shape[1] / 2, shape[2]}, 32, type);
          EXPECT_TRUE(at::equal(backward_by_shared_features(kind, features, upstream, through_relu),
                                backward_by_kernel(kind, features, upstream, through_relu)));
        }
      }
    }
  }
}

TEST(SharedFeatures, OfAnImageTooLowToPoolGetNoGradient) {
  at::Tensor gradient = at::full({1, 6, 5}, 77.0);
  unpool_whole(PoolKind::kMax, at::empty({0, 3, 5}), {}, gradient);
  EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 0);
}

TEST(SharedFeatures, AreMasksThemselves) {
  const at::Tensor features = small_integers({3, 4, 20}, 33, at::kFloat);
  const at::Tensor gradient = random_normal({3, 4, 20}, 34);
  const at::Tensor wanted = gradient * features.gt(0);
  apply_mask_(gradient, features);
  EXPECT_TRUE(at::equal(gradient, wanted));
}

TEST(Masks, StopWhatIsNotFinite) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kDouble}) {
    for (const double bad : {kInfinite, std::numeric_limits<double>::quiet_NaN()}) {
      SCOPED_TRACE(describe({4, 4, 8}, type));
      const at::Tensor shut = at::zeros({4, 4, 8}, type);
      const at::Tensor mask = empty_mask(4, 4, 8, shut.options());
      make_relu_mask(shut, mask);
      const at::Tensor gradient = at::full({4, 4, 8}, bad, type);
      apply_mask_(gradient, mask);
      EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 0);
      const at::Tensor upstream = at::full({2, 2, 8}, bad, type);
      EXPECT_EQ(
          backward_by_kernel(PoolKind::kMax, shut, upstream, true).count_nonzero().item<int64_t>(),
          0);
      at::Tensor through = at::full({4, 4, 8}, bad, type);
      aten::relu_backward_(through, shut);
      EXPECT_EQ(through.count_nonzero().item<int64_t>(), 0);
    }
  }
}

TEST(Masks, PassWhatTheFeaturesThemselvesWould) {
  for (const auto& shapes : {kShapes, kFlatShapes, std::vector<Shape>{{3, 4, 200}}}) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kDouble}) {
      for (const Shape& shape : shapes) {
        SCOPED_TRACE(describe(shape, type));
        const at::Tensor activation = small_integers(shape, 1, type);
        const at::Tensor mask = empty_mask(shape[0], shape[1], shape[2], activation.options());
        make_relu_mask(activation, mask);
        const at::Tensor gradient = random_normal(shape, 2, type);
        const at::Tensor wanted = gradient.clone();
        aten::relu_backward_(wanted, activation);
        apply_mask_(gradient, mask);
        EXPECT_TRUE(at::equal(gradient, wanted));
      }
    }
  }
}

TEST(Masks, TakeABitAValueWhereTheProcessorHasTheLoops) {
  EXPECT_EQ(mask_bytes(64, at::kBFloat16, at::kCPU), 8);
  EXPECT_EQ(mask_bytes(17, at::kFloat, at::kCPU), 3);
  EXPECT_EQ(mask_bytes(64, at::kDouble, at::kCPU), 64);
}

/// Index of the value in a 2x2 cell that receives the gradient of its maximum.
int64_t passed_to(const std::vector<float>& cell) {
  const at::Tensor features = at::tensor(cell).reshape({2, 2, 1});
  const at::Tensor gradient =
      backward_by_kernel(PoolKind::kMax, features, at::ones({1, 1, 1}), true).flatten();
  EXPECT_EQ(gradient.count_nonzero().item<int64_t>(), 1);
  return gradient.argmax().item<int64_t>();
}

TEST(MaxPooling, RoundingDoesNotDecideInAnEvenArea) {
  EXPECT_EQ(passed_to({1.0F, 1.000001F, 0.999998F, 1.000003F}), 0);
  // Rows constant, bottom row larger; columns constant, right column larger.
  EXPECT_EQ(passed_to({1.0F, 1.000001F, 2.0F, 2.000002F}), 2);
  EXPECT_EQ(passed_to({1.0F, 2.0F, 1.000001F, 2.000002F}), 1);
}

TEST(MaxPooling, NearValuesInANonuniformAreaAreDistinguished) {
  EXPECT_EQ(passed_to({1.0F, 1.000001F, 0.5F, 0.2F}), 1);
  EXPECT_EQ(passed_to({1.0F, 0.5F, 1.000001F, 0.2F}), 2);
  EXPECT_EQ(passed_to({1.0F, 0.5F, 0.2F, 1.000001F}), 3);
}

TEST(Masks, UnpoolAnyRowsOfTheImage) {
  for (const PoolKind kind : kPoolKinds) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kDouble}) {
      const at::Tensor features = random_normal({9, 7, 20}, 3, type);
      const at::Tensor pooled = pooled_like(features);
      const at::Tensor upstream = random_normal(pooled.sizes(), 4, type);
      const at::Tensor mask = empty_mask(9, 7, 20, features.options());
      pool_with_mask(kind, features, true, pooled, mask);
      const at::Tensor whole = at::empty_like(features);
      unpool(kind, upstream, mask, 0, whole);
      for (const int64_t first : {0, 1, 4, 7}) {
        const at::Tensor rows = at::full({2, 7, 20}, 77.0, features.options());
        unpool(kind, upstream, mask, first, rows);
        EXPECT_TRUE(at::equal(rows, whole.narrow(0, first, 2)));
      }
    }
  }
}

TEST(ReluAs, EqualsReluThenRoundingExactly) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor value = random_normal(shape, 3);
    const at::Tensor result = relu_as(value, type);
    EXPECT_EQ(result.scalar_type(), type);
    EXPECT_TRUE(at::equal(result, at::relu(value).to(type)));
  });
}

TEST(ReluAs, KeepsTheChannelsLastLayout) {
  const at::Tensor value =
      random_normal({1, 6, 5, 4}, 4).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor result = relu_as(value, at::kBFloat16);
  EXPECT_TRUE(result.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::equal(result, at::relu(value).to(at::kBFloat16)));
}

TEST(MaxPooling, EqualsTheLibraryFormExactly) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor features = random_normal(shape, 5, type);
    at::Tensor plain = pooled_like(features);
    aten::pool_2x2(PoolKind::kMax, features, plain);
    EXPECT_TRUE(at::equal(pooled_by_kernel(PoolKind::kMax, features), plain));
  });
}

TEST(MaxPooling, IsRightWhereEveryFeatureIsNegative) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor features = random_normal({4, 6, 5}, 6, type).abs_().neg_().sub_(1);
    at::Tensor plain = pooled_like(features);
    aten::pool_2x2(PoolKind::kMax, features, plain);
    const at::Tensor fast = pooled_by_kernel(PoolKind::kMax, features);
    EXPECT_TRUE(at::equal(fast, plain));
    EXPECT_LT(fast.max().item<float>(), 0.0F);
  }
}

TEST(MaxPooling, SendsTheGradientWhereTheLibraryDoesExactly) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    for (const bool through_relu : {false, true}) {
      const at::Tensor features = random_normal(shape, 7, type);
      const at::Tensor upstream = random_normal(pooled_like(features).sizes(), 8, type);
      EXPECT_TRUE(at::equal(backward_by_kernel(PoolKind::kMax, features, upstream, through_relu),
                            backward_by_library(PoolKind::kMax, features, upstream, through_relu)));
    }
  });
}

TEST(MaxPooling, GivesTheFirstOfEqualMaximaAllOfTheGradient) {
  for (const at::ScalarType type : kTypes) {
    // Cells: all equal; the maximum in the second place and once more; only in the bottom row.
    const at::Tensor top = at::tensor({2., 2., 1., 5., 0., 0.}, at::kDouble);
    const at::Tensor bottom = at::tensor({2., 2., 5., 5., 4., 4.}, at::kDouble);
    const at::Tensor features = at::stack({top, bottom}).unsqueeze(2).to(type).contiguous();
    const at::Tensor upstream = at::tensor({1., 2., 3.}, at::kDouble).view({1, 3, 1}).to(type);
    const at::Tensor wanted =
        at::tensor({1., 0., 0., 2., 0., 0., 0., 0., 0., 0., 3., 0.}).view({2, 6, 1}).to(type);
    EXPECT_TRUE(at::equal(backward_by_kernel(PoolKind::kMax, features, upstream, false), wanted));
  }
}

TEST(MaxPooling, BreaksManyTiesAsTheLibraryDoes) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor features = at::relu(small_integers(shape, 9, type));
    const at::Tensor upstream = random_normal(pooled_like(features).sizes(), 10, type);
    for (const bool through_relu : {false, true}) {
      EXPECT_TRUE(at::equal(backward_by_kernel(PoolKind::kMax, features, upstream, through_relu),
                            backward_by_library(PoolKind::kMax, features, upstream, through_relu)));
    }
  });
}

TEST(MaxPooling, TakesZerosOfBothSignsAsEqual) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor features =
        at::tensor({-0.0, 0.0, 0.0, -0.0}, at::kDouble).view({2, 2, 1}).to(type);
    const at::Tensor wanted = at::tensor({1., 0., 0., 0.}).view({2, 2, 1}).to(type);
    EXPECT_TRUE(at::equal(
        backward_by_kernel(PoolKind::kMax, features, at::ones({1, 1, 1}, type), false), wanted));
  }
}

TEST(AveragePooling, EqualsTheLibraryFormExactlyWhereSumsAreExact) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor features = small_integers(shape, 11, type);
    at::Tensor plain = pooled_like(features);
    aten::pool_2x2(PoolKind::kAverage, features, plain);
    EXPECT_TRUE(at::equal(pooled_by_kernel(PoolKind::kAverage, features), plain));
  });
}

TEST(AveragePooling, IsWithinOneRoundingOfTheExactMean) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor features = random_normal(shape, 12, type);
    at::Tensor exact = pooled_like(features.to(at::kDouble));
    aten::pool_2x2(PoolKind::kAverage, features.to(at::kDouble), exact);
    EXPECT_LT(relative_error(pooled_by_kernel(PoolKind::kAverage, features), exact),
              type == at::kFloat ? 2e-7 : 4e-3);
  });
}

TEST(AveragePooling, SharesTheGradientAsTheLibraryDoesExactly) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    for (const bool through_relu : {false, true}) {
      const at::Tensor features = small_integers(shape, 13, type);
      const at::Tensor upstream = random_normal(pooled_like(features).sizes(), 14, type);
      EXPECT_TRUE(
          at::equal(backward_by_kernel(PoolKind::kAverage, features, upstream, through_relu),
                    backward_by_library(PoolKind::kAverage, features, upstream, through_relu)));
    }
  });
}

TEST(Pooling, LeavesTheOddLastRowAndColumnWithoutGradient) {
  for (const PoolKind kind : kPoolKinds) {
    for (const at::ScalarType type : kTypes) {
      const at::Tensor features = random_normal({5, 7, 4}, 15, type);
      const at::Tensor gradient =
          backward_by_kernel(kind, features, at::ones({2, 3, 4}, type), false);
      EXPECT_EQ(gradient.select(0, 4).count_nonzero().item<int64_t>(), 0);
      EXPECT_EQ(gradient.select(1, 6).count_nonzero().item<int64_t>(), 0);
      EXPECT_EQ(gradient.sum(at::kDouble).item<double>(), 24.0);
    }
  }
}

TEST(Pooling, HasNoCellsInOneRowOrColumn) {
  for_each_case(kFlatShapes, [](const Shape& shape, at::ScalarType type) {
    for (const PoolKind kind : kPoolKinds) {
      const at::Tensor features = random_normal(shape, 16, type);
      const at::Tensor pooled = pooled_by_kernel(kind, features);
      EXPECT_EQ(pooled.numel(), 0);
      EXPECT_EQ(backward_by_kernel(kind, features, pooled, true).count_nonzero().item<int64_t>(),
                0);
    }
  });
}

TEST(SquaredDistance, EqualsTheFloat64Sum) {
  for (const auto& shapes : {kShapes, kFlatShapes, std::vector<Shape>{{100, 200, 64}}}) {
    for_each_case(shapes, [](const Shape& shape, at::ScalarType type) {
      const at::Tensor a = random_normal(shape, 17, type);
      const at::Tensor b = random_normal(shape, 18, type);
      const double exact = (a.to(at::kDouble) - b.to(at::kDouble)).square().sum().item<double>();
      EXPECT_NEAR(squared_distance(a, b).get() / exact, 1.0, 1e-6);
      EXPECT_NEAR(aten::squared_distance(a, b).get() / exact, 1.0, 1e-6);
    });
  }
}

TEST(SquaredDistance, IsExactlyZeroForEqualFeatures) {
  for_each_case(kShapes, [](const Shape& shape, at::ScalarType type) {
    const at::Tensor a = random_normal(shape, 19, type);
    EXPECT_EQ(squared_distance(a, a.clone()).get(), 0.0);
  });
}

TEST(AddScaledDifference, IsWithinOneRoundingOfTheExactSum) {
  for (const auto& shapes : {kShapes, kFlatShapes}) {
    for_each_case(shapes, [](const Shape& shape, at::ScalarType type) {
      const at::Tensor a = random_normal(shape, 20, type);
      const at::Tensor b = random_normal(shape, 21, type);
      at::Tensor gradient = random_normal(shape, 22, type);
      const at::Tensor exact =
          gradient.to(at::kDouble) + 0.37 * (a.to(at::kDouble) - b.to(at::kDouble));
      add_scaled_difference_(gradient, a, b, 0.37);
      EXPECT_LT(relative_error(gradient, exact), type == at::kFloat ? 2e-7 : 4e-3);
    });
  }
}

TEST(Kernels, TakeTheLibraryPathForFloat64) {
  const at::Tensor features = random_normal({6, 8, 5}, 23, at::kDouble);
  const at::Tensor wanted =
      at::max_pool2d(features.permute({2, 0, 1}).unsqueeze(0), 2, 2).squeeze(0).permute({1, 2, 0});
  EXPECT_TRUE(at::equal(pooled_by_kernel(PoolKind::kMax, features), wanted));
  EXPECT_NEAR(squared_distance(features, at::zeros_like(features)).get(),
              features.square().sum().item<double>(), 1e-10);
}

}  // namespace
}  // namespace styletransfer::detail
