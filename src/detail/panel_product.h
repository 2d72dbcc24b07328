// Matrix products in float32 or in 16-bit integers, as small blocks of the result that are summed
// in registers: the inner loops of the convolutions on processors without bf16 tiles. Every value
// is summed in one order, whatever is computed beside it.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// Columns of a slice. A matrix in slices, [columns / 16, rows, 16], has the rows' values of a
/// slice beside each other, so that one address leads to all of them.
constexpr std::int64_t kSliceColumns = 16;
/// Columns of a panel, a right-hand side [depth, 32].
constexpr std::int64_t kPanelColumns = 32;
/// Values of a block [32, 32], a part of a panel.
constexpr std::int64_t kBlockValues = kPanelColumns * kPanelColumns;

/// Two 16-bit integers, the first in the lower half. Of a matrix of integers that stands for one of
/// [rows, depth], column 16 i + k of pairs, with k under 16, has columns 32 i + k and 32 i + 16 +
/// k; likewise the rows of a panel.
using Pair = std::int32_t;
/// Depth of a pair.
constexpr std::int64_t kPairDepth = 2;
/// So much of the depth is summed in integers before it is added up in float32.
constexpr std::int64_t kIntegerDepth = 128;
/// The largest magnitude of integers on the left, and of the sum of magnitudes in a panel's column
/// over kIntegerDepth: a sum of their products fits 32 bits.
constexpr std::int64_t kMostLeft = std::int64_t{1} << 14;
constexpr std::int64_t kMostColumnSum = (std::int64_t{1} << 17) - 1;

/// What values of magnitudes up to `most` are multiplied by to be integers up to kMostLeft, and
/// what those are multiplied by to be the values. So little as to be lost in any sum is 0; where
/// `most` is not finite, nothing that is made of the row is.
struct RowScale {
  explicit constexpr RowScale(float most)
      : to_integers(most < kLeast ? 0.0F : kMostLeft / most),
        to_values(most < kLeast ? 0.0F : most / kMostLeft) {}
  float to_integers;
  float to_values;

 private:
  static constexpr float kLeast = 1e-30F;
};

/// The panel that comes next, with as many rows, to be fetched from memory meanwhile: its first
/// block, and the values from one block to the next. Null: none is fetched.
struct NextPanel {
  const void* block = nullptr;
  std::int64_t pitch = kBlockValues;
};

/// In: left [rows, depth] in slices, panel [depth, 32]; depth a multiple of 32. Out: their product
/// [rows, 32], in slices.
void multiply_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                    float* product, NextPanel next);

/// The same of integers: each row of the left stands for its integers times `row_scales` [rows],
/// each column of the panel for its own times `column_scales` [32].
void multiply_panel(const Pair* left, const float* row_scales, std::int64_t rows,
                    std::int64_t depth, const Pair* panel, const float* column_scales,
                    float* product, NextPanel next);

/// The same to the last bit, in operations that every processor has.
void multiply_panel_anywhere(const Pair* left, const float* row_scales, std::int64_t rows,
                             std::int64_t depth, const Pair* panel, const float* column_scales,
                             float* product, NextPanel next);

/// Rows [rows, depth] of floats as a left of integers, with the scale of each row.
void rows_of_integers(const float* values, std::int64_t rows, std::int64_t depth, Pair* left,
                      float* row_scales);

/// A panel [depth, 32] as integers, as large as a product of kIntegerDepth of them may be, with the
/// scale of each column.
void panel_of_integers(const float* panel, std::int64_t depth, Pair* integers,
                       float* column_scales);

/// Whether the processor sums products of pairs as fast as products of floats (AVX-512 VNNI).
[[nodiscard]] bool has_pair_units();

/// A block [32, 32] with rows and columns exchanged.
void transpose_block(const float* block, float* transposed);

}  // namespace styletransfer::detail::cpu
