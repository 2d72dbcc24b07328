// Packed matrix multiplication (GEMM) in float32 or 16-bit integers.
//
// The inner loops of the Winograd convolution on CPUs without AMX: C [rows, 32] = A [rows, depth] x
// B [depth, 32]. A small block of C stays in registers while the loop runs over the whole depth.
// Each value of C is summed in a fixed order that does not depend on the other rows and columns, so
// results are bitwise reproducible.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// Columns of a slice. Left-hand sides and products are stored in slices, [columns / 16, rows, 16]:
/// the rows of a slice are 64 bytes (one cache line) apart, so the kernel addresses all rows of a
/// block from one pointer with constant offsets.
constexpr std::int64_t kSliceColumns = 16;
/// Columns of a panel, the right-hand side [depth, 32], row-major: two AVX-512 registers per row.
constexpr std::int64_t kPanelColumns = 32;
/// Values of a block [32, 32]: 32 consecutive rows of a panel.
constexpr std::int64_t kBlockValues = kPanelColumns * kPanelColumns;

/// Two 16-bit integers, the first in the lower half: the operand of a VNNI lane. In a quantized
/// left-hand side, pair 16 i + k (0 <= k < 16) holds columns 32 i + k and 32 i + 16 + k of the
/// [rows, depth] matrix; in a quantized panel, the rows are paired in the same way. Pairing values
/// 16 apart (not neighbors) lets whole vectors be rounded and merged without shuffles.
using Int16x2 = std::int32_t;
/// Values of the summed dimension per pair.
constexpr std::int64_t kInt16x2Depth = 2;
/// Depth that is summed in 32-bit integers before the partial sum is converted and added in
/// float32.
constexpr std::int64_t kIntegerDepth = 128;
/// Quantization limits that rule out overflow of the 32-bit sums: the largest magnitude of a
/// left-hand integer, and the largest sum of magnitudes in a column of a panel over kIntegerDepth.
/// 2^14 * (2^17 - 1) < 2^31.
constexpr std::int64_t kMaxLhs = std::int64_t{1} << 14;
constexpr std::int64_t kMaxColumnSum = (std::int64_t{1} << 17) - 1;

/// Quantization scale of a row whose largest magnitude is `max`: `to_integers` maps the values to
/// integers of at most kMaxLhs, `to_values` maps them back. Rows with max < 1e-30 are quantized to
/// 0. If `max` is not finite, neither is any product of the row.
struct RowScale {
  explicit constexpr RowScale(float max)
      : to_integers(max < kMin ? 0.0F : kMaxLhs / max),
        to_values(max < kMin ? 0.0F : max / kMaxLhs) {}
  float to_integers;
  float to_values;

 private:
  static constexpr float kMin = 1e-30F;
};

/// The panel of the next call, which is prefetched during the current one: its first block, and the
/// distance in values from one block to the next. It must have the same depth. Null: no prefetch.
struct NextPanel {
  const void* block = nullptr;
  std::int64_t pitch = kBlockValues;
};

/// float32 product. In: left [rows, depth] in slices, panel [depth, 32]; depth a multiple of 32.
/// Out: product [rows, 32] in slices, [2, rows, 16].
void gemm_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                float* product, NextPanel next);

/// Integer product, as float32. In: left [rows, depth / 2] pairs in slices, whose rows are scaled
/// by `row_scales` [rows]; panel [depth / 2, 32] pairs, whose columns are scaled by `column_scales`
/// [32]. `depth` counts values, not pairs. Uses AVX-512 VNNI if available.
void gemm_panel(const Int16x2* left, const float* row_scales, std::int64_t rows, std::int64_t depth,
                const Int16x2* panel, const float* column_scales, float* product, NextPanel next);

/// The same for processors without VNNI; the results are bitwise equal.
void gemm_panel_portable(const Int16x2* left, const float* row_scales, std::int64_t rows,
                         std::int64_t depth, const Int16x2* panel, const float* column_scales,
                         float* product, NextPanel next);

/// Quantizes a row-major matrix [rows, depth] to a left-hand side in slices, with one scale per
/// row.
void quantize_rows(const float* values, std::int64_t rows, std::int64_t depth, Int16x2* left,
                   float* row_scales);

/// Quantizes a panel [depth, 32] with one scale per column, to the largest integers for which the
/// sum of kIntegerDepth products cannot overflow (kMaxColumnSum).
void quantize_panel(const float* panel, std::int64_t depth, Int16x2* integers,
                    float* column_scales);

/// Transposes a block [32, 32].
void transpose_block(const float* block, float* transposed);

}  // namespace styletransfer::detail::cpu
