#include "kernels/winograd/packed_gemm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "support/numbers.h"

namespace styletransfer::detail::cpu {
namespace {

at::Tensor in_slices(const at::Tensor& matrix) {
  return matrix.view({matrix.size(0), -1, kSliceColumns}).transpose(0, 1).contiguous();
}

TEST(GemmPanel, EqualsTheProductForAnyNumberOfRows) {
  const at::Tensor panel = random_normal({96, kPanelColumns}, 1, at::kFloat);
  for (int64_t rows = 1; rows <= 45; ++rows) {
    SCOPED_TRACE(rows);
    const at::Tensor left = random_normal({rows, 96}, 2, at::kFloat);
    at::Tensor product = at::empty({kPanelColumns / kSliceColumns, rows, kSliceColumns});
    gemm_panel(in_slices(left).const_data_ptr<float>(), rows, 96, panel.const_data_ptr<float>(),
               product.data_ptr<float>(), {});
    EXPECT_LT(
        relative_error(product, in_slices(at::mm(left.to(at::kDouble), panel.to(at::kDouble)))),
        1e-6);
  }
}

TEST(GemmPanel, FetchingTheNextPanelChangesNothing) {
  constexpr int64_t kRows = 40;
  const at::Tensor panels = random_normal({2, 64, kPanelColumns}, 1, at::kFloat);
  const at::Tensor left = in_slices(random_normal({kRows, 64}, 2, at::kFloat));
  const auto product = [&](NextPanel next) {
    at::Tensor result = at::empty({kPanelColumns / kSliceColumns, kRows, kSliceColumns});
    gemm_panel(left.const_data_ptr<float>(), kRows, 64, panels.const_data_ptr<float>(),
               result.data_ptr<float>(), next);
    return result;
  };
  EXPECT_TRUE(at::equal(product({}), product({panels[1].const_data_ptr<float>(), kBlockValues})));
}

/// Packs an integer matrix [rows, depth] into sliced pairs of columns 16 apart (see Int16x2).
at::Tensor pairs_in_slices(const at::Tensor& matrix) {
  const at::Tensor halves =
      matrix.to(at::kInt).view({matrix.size(0), -1, kInt16x2Depth, kSliceColumns});
  const at::Tensor pairs =
      at::bitwise_or(at::bitwise_and(halves.select(2, 0), 0xFFFF), halves.select(2, 1) * 65536);
  return pairs.transpose(0, 1).contiguous();
}

/// Random integers of magnitude up to `most`.
at::Tensor whole_numbers(at::IntArrayRef sizes, std::uint64_t seed, double max) {
  return random_normal(sizes, seed, at::kDouble).mul(max / 3).clamp(-max, max).round();
}

struct IntegerFactors {
  IntegerFactors(int64_t rows, int64_t depth)
      : values(whole_numbers({rows, depth}, 1, kMaxLhs)),
        row_scales(random_normal({rows}, 2, at::kFloat).abs()),
        panel(random_normal({depth, kPanelColumns}, 3, at::kFloat)),
        integers(at::empty({depth / kInt16x2Depth, kPanelColumns}, at::kInt)),
        column_scales(at::empty({kPanelColumns})) {
    quantize_panel(panel.const_data_ptr<float>(), depth, integers.data_ptr<Int16x2>(),
                   column_scales.data_ptr<float>());
  }
  template <typename Multiply>
  [[nodiscard]] at::Tensor product(Multiply multiply) const {
    const int64_t rows = values.size(0);
    at::Tensor result = at::empty({kPanelColumns / kSliceColumns, rows, kSliceColumns});
    const at::Tensor left = pairs_in_slices(values);
    multiply(left.const_data_ptr<Int16x2>(), row_scales.const_data_ptr<float>(), rows,
             values.size(1), integers.const_data_ptr<Int16x2>(),
             column_scales.const_data_ptr<float>(), result.data_ptr<float>(), NextPanel());
    return result;
  }
  /// The dequantized panel.
  [[nodiscard]] at::Tensor integer_panel() const {
    const at::Tensor rows = integers.view({-1, kSliceColumns, kPanelColumns});
    const at::Tensor low = rows.to(at::kShort);
    const at::Tensor high = at::bitwise_right_shift(rows, 16).to(at::kShort);
    return at::stack({low, high}, 1).reshape({-1, kPanelColumns}).to(at::kDouble);
  }

  at::Tensor values;
  at::Tensor row_scales;
  at::Tensor panel;
  at::Tensor integers;
  at::Tensor column_scales;
};

constexpr auto kMultiplyPairs = [](auto... arguments) { gemm_panel(arguments...); };
constexpr auto kMultiplyPairsAnywhere = [](auto... arguments) {
  gemm_panel_portable(arguments...);
};

TEST(GemmPanel, OfIntegersIsExactBeforeItIsScaled) {
  for (const int64_t depth : {32, 64, 256, 288, 512}) {
    for (const int64_t rows : {1, 2, 13, 14, 15, 45}) {
      SCOPED_TRACE(std::to_string(rows) + " rows of " + std::to_string(depth));
      const IntegerFactors factors(rows, depth);
      const at::Tensor exact = at::mm(factors.values, factors.integer_panel()) *
                               factors.row_scales.unsqueeze(1) * factors.column_scales;
      const at::Tensor product = factors.product(kMultiplyPairs);
      EXPECT_LT(relative_error(product, in_slices(exact)), 3e-7);
      EXPECT_TRUE(at::equal(product, factors.product(kMultiplyPairsAnywhere)));
    }
  }
}

TEST(GemmPanel, IntegersStandForThePanelAndNoSumOfThemOverflows) {
  IntegerFactors factors(1, 512);
  const at::Tensor columns = factors.integer_panel();
  // Rounding error: half a quantization step.
  EXPECT_LT(relative_error(columns * factors.column_scales, factors.panel), 0.6 / 1000);
  const at::Tensor sums = columns.abs().view({-1, kIntegerDepth, kPanelColumns}).sum(1);
  EXPECT_LE(sums.max().item<double>(), kMaxColumnSum);
  EXPECT_GT(sums.max().item<double>(), 0.95 * kMaxColumnSum);
  // The worst case for overflow: a row of kMaxLhs.
  const at::Tensor signs = columns.select(1, 0).sign();
  factors.values = (signs * kMaxLhs).unsqueeze(0);
  const double exact = columns.select(1, 0).abs().sum().item<double>() * kMaxLhs *
                       factors.row_scales[0].item<double>() *
                       factors.column_scales[0].item<double>();
  EXPECT_NEAR(factors.product(kMultiplyPairs)[0][0][0].item<double>() / exact, 1.0, 1e-6);
}

TEST(GemmPanel, ABlockIsTransposed) {
  const at::Tensor block = random_normal({kPanelColumns, kPanelColumns}, 1, at::kFloat);
  at::Tensor transposed = at::empty_like(block);
  transpose_block(block.const_data_ptr<float>(), transposed.data_ptr<float>());
  EXPECT_TRUE(at::equal(transposed, block.t()));
}

}  // namespace
}  // namespace styletransfer::detail::cpu
