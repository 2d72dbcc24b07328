#include "kernels/winograd/packed_gemm.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "device/cpu_dispatch.h"
#include "device/cpu_features.h"
#include "kernels/winograd/simd_vector.h"

namespace styletransfer::detail::cpu {
namespace {

constexpr std::int64_t kLineValues = 16;  // values per cache line of 64 bytes
// Cache lines of the next panel that each block of rows prefetches per slice of the depth. A slice
// of a panel has 16 * 32 values = 32 lines; seven blocks (98 rows) of five lines cover it.
constexpr std::int64_t kLinesAhead = 5;

/// Prefetches a part of the next panel's slice that starts at row `row`. Spreading the prefetches
/// over the computation hides the memory latency of weights, which are too large for the caches.
STYLETRANSFER_INLINE void fetch(NextPanel next, std::int64_t row) {
  if (next.block == nullptr) return;
  const float* line = static_cast<const float*>(next.block) + row / kPanelColumns * next.pitch +
                      row % kPanelColumns * kPanelColumns;
#pragma GCC unroll 8
  for (std::int64_t i = 0; i < kLinesAhead; ++i) {
    __builtin_prefetch(line + i * kLineValues, /*for writing*/ 0, /*second-level cache*/ 2);
  }
}

/// Multiply-add policy for float32: sums += left * right (one FMA with a broadcast operand where
/// the level has FMA).
template <int lanes>
struct Floats {
  static constexpr int kLanes = lanes;
  static constexpr bool kIsScaled = false;
  using Value = float;
  using Sums = FloatVec<lanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    sums += left * right;
  }
};

/// Multiply-add policy for pairs in generic vector operations: sign-extends both halves of each
/// word and adds both products. Exact, like VNNI.
template <int lanes>
struct Int16x2Vec {
  static constexpr int kLanes = lanes;
  static constexpr bool kIsScaled = true;
  using Value = Int16x2;
  using Sums = IntVec<lanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    constexpr int kHalf = 16;
    const Value low = static_cast<std::int16_t>(left);
    const Value high = left >> kHalf;
    sums += low * (right << kHalf >> kHalf) + high * (right >> kHalf);
  }
};

#ifdef STYLETRANSFER_HAS_CPU_LEVELS
/// The same as one AVX-512 VNNI instruction: VPDPWSSD adds both 16-bit products to a 32-bit sum.
struct VnniUnits {
  static constexpr int kLanes = 16;
  static constexpr bool kIsScaled = true;
  using Value = Int16x2;
  using Sums = IntVec<kLanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    const Sums pairs = left - Sums{};
    // Inline assembly because with GCC's intrinsic the sums are spilled to memory in every step.
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(pairs), "v"(right));
  }
};
#endif

/// Operands of a block of the product, advanced to its first row and column.
template <typename Value>
struct Operands {
  const Value* left;
  std::int64_t pitch;  // values from one slice to the next
  std::int64_t depth;  // length of the sum, in floats or pairs
  const Value* panel;
  NextPanel next;
  const float* row_scales;     // integer product only
  const float* column_scales;  // integer product only
};

/// The micro-kernel: sums of `rows` rows by two vectors of columns, over depth [begin, end). All
/// 2 * rows sums are in registers (the loops over rows are unrolled). Each step loads two vectors
/// of the panel and one broadcast value per row: 2 * rows multiply-adds for 2 + rows loads.
template <int rows, typename Numbers>
STYLETRANSFER_INLINE void sum_products(const Operands<typename Numbers::Value>& of,
                                       std::int64_t begin, std::int64_t end,
                                       typename Numbers::Sums* sums) {
#pragma GCC unroll 32
  for (int i = 0; i < 2 * rows; ++i) sums[i] = typename Numbers::Sums{};
  const auto* left = of.left + begin / kSliceColumns * of.pitch;
  const auto* panel = of.panel + begin * kPanelColumns;
  for (std::int64_t slice = begin; slice < end; slice += kSliceColumns) {
    fetch(of.next, slice);
    for (int k = 0; k < kSliceColumns; ++k) {
      typename Numbers::Sums right[2];
      std::memcpy(&right[0], panel, sizeof(right[0]));
      std::memcpy(&right[1], panel + Numbers::kLanes, sizeof(right[1]));
#pragma GCC unroll 16
      for (int row = 0; row < rows; ++row) {
        const auto value = left[row * kSliceColumns + k];
        Numbers::add_product(value, right[0], sums[2 * row]);
        Numbers::add_product(value, right[1], sums[2 * row + 1]);
      }
      panel += kPanelColumns;
    }
    left += of.pitch;
  }
}

/// Computes and stores a block. Out: columns[i], the first row of vector i in the sliced product.
template <int rows, int lanes>
STYLETRANSFER_INLINE void multiply_block(const Operands<float>& of, Floats<lanes> /*numbers*/,
                                         float* const columns[2]) {
  FloatVec<lanes> sums[2 * rows];
  sum_products<rows, Floats<lanes>>(of, 0, of.depth, sums);
#pragma GCC unroll 32
  for (int i = 0; i < 2 * rows; ++i) {
    store<lanes>(sums[i], columns[i % 2] + i / 2 * kSliceColumns);
  }
}

/// Integer form: the depth is cut into runs of kIntegerDepth values, each summed exactly in 32
/// bits. Partial sums are converted to float32 and accumulated in the product itself.
template <int rows, typename Numbers>
STYLETRANSFER_INLINE void multiply_block(const Operands<Int16x2>& of, Numbers /*numbers*/,
                                         float* const columns[2]) {
  constexpr int kLanes = Numbers::kLanes;
  for (std::int64_t begin = 0; begin < of.depth; begin += kIntegerDepth / kInt16x2Depth) {
    const std::int64_t end = std::min(of.depth, begin + kIntegerDepth / kInt16x2Depth);
    typename Numbers::Sums sums[2 * rows];
    sum_products<rows, Numbers>(of, begin, end, sums);
#pragma GCC unroll 32
    for (int i = 0; i < 2 * rows; ++i) {
      float* place = columns[i % 2] + i / 2 * kSliceColumns;
      // The scale is applied once at the end, not to each partial sum: value * scale + before could
      // be contracted to an FMA on one processor level and not on another, with different rounding.
      FloatVec<kLanes> value = __builtin_convertvector(sums[i], FloatVec<kLanes>);
      if (begin > 0) {
        FloatVec<kLanes> before;
        load<kLanes>(place, before);
        value += before;
      }
      if (end == of.depth) {
        FloatVec<kLanes> scale;
        load<kLanes>(of.column_scales + i % 2 * kLanes, scale);
        value *= of.row_scales[i / 2] * scale;
      }
      store<kLanes>(value, place);
    }
  }
}

/// Multiplies `count` <= max rows by all 32 columns. Recurses over `max` to turn the run-time count
/// into a template argument, so that the micro-kernel is fully unrolled for every row count.
template <int max, typename Numbers>
STYLETRANSFER_INLINE void multiply_rows(std::int64_t count,
                                        const Operands<typename Numbers::Value>& of,
                                        float* product) {
  if constexpr (max > 0) {
    if (count < max) {
      multiply_rows<max - 1, Numbers>(count, of, product);
      return;
    }
    constexpr int kLanes = Numbers::kLanes;
    const auto place = [&](std::int64_t column) {
      return product + column / kSliceColumns * of.pitch + column % kSliceColumns;
    };
    for (std::int64_t column = 0; column < kPanelColumns; column += 2 * kLanes) {
      Operands<typename Numbers::Value> part = of;
      part.panel += column;
      if constexpr (Numbers::kIsScaled) part.column_scales += column;
      float* const columns[2] = {place(column), place(column + kLanes)};
      multiply_block<max>(part, Numbers(), columns);
    }
  }
}

/// The whole product, in blocks of at most `max` rows.
template <int max, typename Numbers>
STYLETRANSFER_INLINE void multiply(const Operands<typename Numbers::Value>& of, std::int64_t rows,
                                   float* product) {
  // Blocks of nearly equal height: a block of one or two rows has too few independent sums to hide
  // the latency of the multiply-adds.
  const std::int64_t blocks = (rows + max - 1) / max;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = block * rows / blocks;
    const std::int64_t count = (block + 1) * rows / blocks - first;
    Operands<typename Numbers::Value> part = of;
    part.left += first * kSliceColumns;
    if constexpr (Numbers::kIsScaled) part.row_scales += first;
    if (part.next.block != nullptr) {
      // Each block prefetches its own five of the 32 lines of a slice.
      const std::int64_t line = std::min(block * kLinesAhead, kPanelColumns - kLinesAhead);
      part.next.block = static_cast<const float*>(part.next.block) + line * kLineValues;
    }
    multiply_rows<max, Numbers>(count, part, product + first * kSliceColumns);
  }
}

/// Quantization scale of each column: the smallest for which all integers fit 16 bits and the sum
/// of magnitudes over any kIntegerDepth rows stays within kMaxColumnSum.
STYLETRANSFER_INLINE void find_scales(const float* panel, std::int64_t depth, float* scales) {
  constexpr float kMaxInteger = 32767.0F;
  // Rounding to integers may increase each magnitude by 1/2.
  constexpr float kMaxSum = kMaxColumnSum - 0.5F * kIntegerDepth;
  for (std::int64_t column = 0; column < kPanelColumns; ++column) scales[column] = 0.0F;
  for (std::int64_t begin = 0; begin < depth; begin += kIntegerDepth) {
    float sums[kPanelColumns] = {};
    for (std::int64_t row = begin; row < std::min(depth, begin + kIntegerDepth); ++row) {
      for (std::int64_t column = 0; column < kPanelColumns; ++column) {
        const float magnitude = std::abs(panel[row * kPanelColumns + column]);
        sums[column] += magnitude;
        scales[column] = std::max(scales[column], magnitude / kMaxInteger);
      }
    }
    for (std::int64_t column = 0; column < kPanelColumns; ++column) {
      scales[column] = std::max(scales[column], sums[column] / kMaxSum);
    }
  }
}

/// Shuffle index for one step of the transposition, which exchanges values between a pair of rows
/// that are `distance` apart. Returns, for an output lane of the first or the second row, the index
/// of its value in the concatenation of both input rows.
constexpr int place_before(int lane, int lanes, int distance, bool is_first) {
  const int place = (lane & distance) == 0 ? lane : lanes + lane - distance;
  return is_first ? place : place + distance;
}

template <int distance, bool is_first, int... lane>
STYLETRANSFER_INLINE void exchange_values(const FloatVec<sizeof...(lane)>& first,
                                          const FloatVec<sizeof...(lane)>& second,
                                          std::integer_sequence<int, lane...> /*lanes*/,
                                          FloatVec<sizeof...(lane)>& to) {
  constexpr int kLanes = sizeof...(lane);
#ifdef __clang__
  to = __builtin_shufflevector(first, second, place_before(lane, kLanes, distance, is_first)...);
#else
  to = __builtin_shuffle(first, second,
                         IntVec<kLanes>{place_before(lane, kLanes, distance, is_first)...});
#endif
}

/// Transposes a square of lanes x lanes values in registers by recursive halving: exchanges the
/// off-diagonal halves, then quarters, down to single values (log2(lanes) steps).
template <int distance, int lanes>
STYLETRANSFER_INLINE void exchange(FloatVec<lanes>* rows) {
  if constexpr (distance > 0) {
    constexpr auto kAll = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
    for (int row = 0; row < lanes; ++row) {
      if ((row & distance) != 0) continue;
      const FloatVec<lanes> first = rows[row];
      const FloatVec<lanes> second = rows[row + distance];
      exchange_values<distance, true>(first, second, kAll, rows[row]);
      exchange_values<distance, false>(first, second, kAll, rows[row + distance]);
    }
    exchange<distance / 2, lanes>(rows);
  }
}

/// Transposes a block [32, 32] in squares that fit the registers.
template <int lanes>
STYLETRANSFER_INLINE void transpose(const float* block, float* to) {
  for (int row = 0; row < kPanelColumns; row += lanes) {
    for (int column = 0; column < kPanelColumns; column += lanes) {
      FloatVec<lanes> rows[lanes];
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) {
        load<lanes>(block + (row + i) * kPanelColumns + column, rows[i]);
      }
      exchange<lanes / 2, lanes>(rows);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) {
        store<lanes>(rows[i], to + (column + i) * kPanelColumns + row);
      }
    }
  }
}

// Rows per block, such that sums and operands fill the registers. AVX-512 (32 registers): 14 rows *
// 2 vectors = 28 sums, 2 panel vectors and, for VNNI, 1 broadcast pair. AVX2 and SSE (16
// registers): 6 * 2 = 12 sums, 2 panel vectors and 1 broadcast value.
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4")
void multiply_here(const Operands<float>& of, std::int64_t rows, float* product) {
  multiply<14, Floats<16>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void multiply_here(const Operands<float>& of, std::int64_t rows, float* product) {
  multiply<6, Floats<8>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4")
void transpose_here(const float* block, float* to) { transpose<16>(block, to); }
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void transpose_here(const float* block, float* to) { transpose<8>(block, to); }
// No x86-64 level includes VNNI, so this variant is selected at run time by has_avx512_vnni().
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4,avx512vnni")
void multiply_with_vnni(const Operands<Int16x2>& of, std::int64_t rows, float* product) {
  multiply<14, VnniUnits>(of, rows, product);
}
#endif
STYLETRANSFER_CPU_LEVEL("default")
void multiply_here(const Operands<float>& of, std::int64_t rows, float* product) {
  multiply<6, Floats<4>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("default")
void transpose_here(const float* block, float* to) { transpose<4>(block, to); }

STYLETRANSFER_CPU_CLONES void multiply_int16x2(const Operands<Int16x2>& of, std::int64_t rows,
                                               float* product) {
  multiply<6, Int16x2Vec<8>>(of, rows, product);
}

}  // namespace

STYLETRANSFER_CPU_CLONES void quantize_rows(const float* values, std::int64_t rows,
                                            std::int64_t depth, Int16x2* left, float* row_scales) {
  constexpr int kLanes = kSliceColumns;
  // Two passes over each row, which is in the first-level cache the second time: find the largest
  // magnitude, then scale, round and pair up values 16 apart.
  for (std::int64_t row = 0; row < rows; ++row) {
    IntVec<kLanes> max{};
    for (std::int64_t k = 0; k < depth; k += kLanes) {
      FloatVec<kLanes> part;
      load<kLanes>(values + k, part);
      take_magnitudes(part, max);
    }
    const RowScale scale(largest_of(max));
    row_scales[row] = scale.to_values;
    for (std::int64_t k = 0; k < depth; k += kInt16x2Depth * kLanes) {
      FloatVec<kLanes> low;
      FloatVec<kLanes> high;
      load<kLanes>(values + k, low);
      load<kLanes>(values + k + kLanes, high);
      IntVec<kLanes> pairs;
      round_to_int16x2<IntVec<kLanes>, FloatVec<kLanes>>(scale.to_integers * low,
                                                         scale.to_integers * high, pairs);
      std::memcpy(left + (k / kInt16x2Depth * rows + row * kLanes), &pairs, sizeof(pairs));
    }
    values += depth;
  }
}

STYLETRANSFER_CPU_CLONES void quantize_panel(const float* panel, std::int64_t depth,
                                             Int16x2* integers, float* column_scales) {
  find_scales(panel, depth, column_scales);
  float factors[kPanelColumns];
  for (std::int64_t column = 0; column < kPanelColumns; ++column) {
    factors[column] = column_scales[column] > 0.0F ? 1.0F / column_scales[column] : 0.0F;
  }
  // Pair 16 i + k consists of the rows 32 i + k (low) and 32 i + 16 + k (high).
  for (std::int64_t pair = 0; pair < depth / kInt16x2Depth; ++pair) {
    const float* low =
        panel + (pair / kSliceColumns * kInt16x2Depth * kSliceColumns + pair % kSliceColumns) *
                    kPanelColumns;
    const float* high = low + kSliceColumns * kPanelColumns;
    for (std::int64_t column = 0; column < kPanelColumns; ++column) {
      round_to_int16x2(factors[column] * low[column], factors[column] * high[column],
                       integers[pair * kPanelColumns + column]);
    }
  }
}

void gemm_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                float* product, NextPanel next) {
  multiply_here({left, rows * kSliceColumns, depth, panel, next, nullptr, nullptr}, rows, product);
}

void gemm_panel(const Int16x2* left, const float* row_scales, std::int64_t rows, std::int64_t depth,
                const Int16x2* panel, const float* column_scales, float* product, NextPanel next) {
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
  if (has_avx512_vnni()) {
    multiply_with_vnni(
        {left, rows * kSliceColumns, depth / kInt16x2Depth, panel, next, row_scales, column_scales},
        rows, product);
    return;
  }
#endif
  gemm_panel_portable(left, row_scales, rows, depth, panel, column_scales, product, next);
}

void gemm_panel_portable(const Int16x2* left, const float* row_scales, std::int64_t rows,
                         std::int64_t depth, const Int16x2* panel, const float* column_scales,
                         float* product, NextPanel next) {
  multiply_int16x2(
      {left, rows * kSliceColumns, depth / kInt16x2Depth, panel, next, row_scales, column_scales},
      rows, product);
}

void transpose_block(const float* block, float* transposed) { transpose_here(block, transposed); }

}  // namespace styletransfer::detail::cpu
