#include "detail/panel_product.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "detail/cpu_dispatch.h"
#include "detail/lanes.h"

namespace styletransfer::detail::cpu {
namespace {

constexpr std::int64_t kLineValues = 16;  // of a line of the caches
constexpr std::int64_t kLinesAhead = 5;   // of the next panel, for every slice of every block

/// Lets the caches fetch a part of what the next panel has beside the slice that begins with its
/// row `row`.
STYLETRANSFER_INLINE void fetch(NextPanel next, std::int64_t row) {
  if (next.block == nullptr) return;
  const float* line = static_cast<const float*>(next.block) + row / kPanelColumns * next.pitch +
                      row % kPanelColumns * kPanelColumns;
#pragma GCC unroll 8
  for (std::int64_t i = 0; i < kLinesAhead; ++i) {
    __builtin_prefetch(line + i * kLineValues, /*for writing*/ 0, /*second-level cache*/ 2);
  }
}

/// How floats are multiplied.
template <int lanes>
struct Floats {
  static constexpr int kLanes = lanes;
  static constexpr bool kIsScaled = false;
  using Value = float;
  using Sums = Lanes<lanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    sums += left * right;
  }
};

/// How pairs are multiplied, in operations that every processor has.
template <int lanes>
struct Pairs {
  static constexpr int kLanes = lanes;
  static constexpr bool kIsScaled = true;
  using Value = Pair;
  using Sums = Places<lanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    constexpr int kHalf = 16;
    const Value low = static_cast<std::int16_t>(left);
    const Value high = left >> kHalf;
    sums += low * (right << kHalf >> kHalf) + high * (right >> kHalf);
  }
};

#ifdef STYLETRANSFER_HAS_CPU_LEVELS
/// The same in one instruction of AVX-512 VNNI.
struct PairUnits {
  static constexpr int kLanes = 16;
  static constexpr bool kIsScaled = true;
  using Value = Pair;
  using Sums = Places<kLanes>;
  STYLETRANSFER_INLINE static void add_product(Value left, const Sums& right, Sums& sums) {
    const Sums pairs = left - Sums{};
    // By GCC's own name for it the sums would go to memory and back at every step.
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(pairs), "v"(right));
  }
};
#endif

/// What a part of the product is made of: from its first row and its first column on.
template <typename Value>
struct Factors {
  const Value* left;
  std::int64_t pitch;  // values from one slice to the next
  std::int64_t depth;  // values of a row
  const Value* panel;
  NextPanel next;
  const float* row_scales;     // of pairs
  const float* column_scales;  // of pairs
};

/// The sums of `rows` rows and two vectors of columns, over the depth from `begin` to `end`.
template <int rows, typename Numbers>
STYLETRANSFER_INLINE void sum_products(const Factors<typename Numbers::Value>& of,
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

/// Out: the rows' values of the two vectors of columns.
template <int rows, int lanes>
STYLETRANSFER_INLINE void multiply_block(const Factors<float>& of, Floats<lanes> /*numbers*/,
                                         float* const columns[2]) {
  Lanes<lanes> sums[2 * rows];
  sum_products<rows, Floats<lanes>>(of, 0, of.depth, sums);
#pragma GCC unroll 32
  for (int i = 0; i < 2 * rows; ++i) {
    store<lanes>(sums[i], columns[i % 2] + i / 2 * kSliceColumns);
  }
}

template <int rows, typename Numbers>
STYLETRANSFER_INLINE void multiply_block(const Factors<Pair>& of, Numbers /*numbers*/,
                                         float* const columns[2]) {
  constexpr int kLanes = Numbers::kLanes;
  for (std::int64_t begin = 0; begin < of.depth; begin += kIntegerDepth / kPairDepth) {
    const std::int64_t end = std::min(of.depth, begin + kIntegerDepth / kPairDepth);
    typename Numbers::Sums sums[2 * rows];
    sum_products<rows, Numbers>(of, begin, end, sums);
#pragma GCC unroll 32
    for (int i = 0; i < 2 * rows; ++i) {
      float* place = columns[i % 2] + i / 2 * kSliceColumns;
      // Scaled at the end, so that no compiler can make one rounding of a product and a sum in one
      // place and two in another.
      Lanes<kLanes> value = __builtin_convertvector(sums[i], Lanes<kLanes>);
      if (begin > 0) {
        Lanes<kLanes> before;
        load<kLanes>(place, before);
        value += before;
      }
      if (end == of.depth) {
        Lanes<kLanes> scale;
        load<kLanes>(of.column_scales + i % 2 * kLanes, scale);
        value *= of.row_scales[i / 2] * scale;
      }
      store<kLanes>(value, place);
    }
  }
}

/// `count` rows, at most `most`.
template <int most, typename Numbers>
STYLETRANSFER_INLINE void multiply_rows(std::int64_t count,
                                        const Factors<typename Numbers::Value>& of,
                                        float* product) {
  if constexpr (most > 0) {
    if (count < most) {
      multiply_rows<most - 1, Numbers>(count, of, product);
      return;
    }
    constexpr int kLanes = Numbers::kLanes;
    const auto place = [&](std::int64_t column) {
      return product + column / kSliceColumns * of.pitch + column % kSliceColumns;
    };
    for (std::int64_t column = 0; column < kPanelColumns; column += 2 * kLanes) {
      Factors<typename Numbers::Value> part = of;
      part.panel += column;
      if constexpr (Numbers::kIsScaled) part.column_scales += column;
      float* const columns[2] = {place(column), place(column + kLanes)};
      multiply_block<most>(part, Numbers(), columns);
    }
  }
}

template <int most, typename Numbers>
STYLETRANSFER_INLINE void multiply(const Factors<typename Numbers::Value>& of, std::int64_t rows,
                                   float* product) {
  // Blocks as even as can be: one of a row or two waits for its own sums.
  const std::int64_t blocks = (rows + most - 1) / most;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = block * rows / blocks;
    const std::int64_t count = (block + 1) * rows / blocks - first;
    Factors<typename Numbers::Value> part = of;
    part.left += first * kSliceColumns;
    if constexpr (Numbers::kIsScaled) part.row_scales += first;
    if (part.next.block != nullptr) {
      // A slice of a panel has as many lines as a panel has columns.
      const std::int64_t line = std::min(block * kLinesAhead, kPanelColumns - kLinesAhead);
      part.next.block = static_cast<const float*>(part.next.block) + line * kLineValues;
    }
    multiply_rows<most, Numbers>(count, part, product + first * kSliceColumns);
  }
}

/// What each column's integers are to be multiplied by.
STYLETRANSFER_INLINE void find_scales(const float* panel, std::int64_t depth, float* scales) {
  constexpr float kMostInteger = 32767.0F;
  // Rounding may add half to each magnitude.
  constexpr float kMostSum = kMostColumnSum - 0.5F * kIntegerDepth;
  for (std::int64_t column = 0; column < kPanelColumns; ++column) scales[column] = 0.0F;
  for (std::int64_t begin = 0; begin < depth; begin += kIntegerDepth) {
    float sums[kPanelColumns] = {};
    for (std::int64_t row = begin; row < std::min(depth, begin + kIntegerDepth); ++row) {
      for (std::int64_t column = 0; column < kPanelColumns; ++column) {
        const float magnitude = std::abs(panel[row * kPanelColumns + column]);
        sums[column] += magnitude;
        scales[column] = std::max(scales[column], magnitude / kMostInteger);
      }
    }
    for (std::int64_t column = 0; column < kPanelColumns; ++column) {
      scales[column] = std::max(scales[column], sums[column] / kMostSum);
    }
  }
}

/// Of two rows of `lanes` values, one after the other, at `distance` from each other: the place of
/// the value that ends in a lane of the first, or of the second.
constexpr int place_before(int lane, int lanes, int distance, bool is_first) {
  const int place = (lane & distance) == 0 ? lane : lanes + lane - distance;
  return is_first ? place : place + distance;
}

template <int distance, bool is_first, int... lane>
STYLETRANSFER_INLINE void exchange_values(const Lanes<sizeof...(lane)>& first,
                                          const Lanes<sizeof...(lane)>& second,
                                          std::integer_sequence<int, lane...> /*lanes*/,
                                          Lanes<sizeof...(lane)>& to) {
  constexpr int kLanes = sizeof...(lane);
#ifdef __clang__
  to = __builtin_shufflevector(first, second, place_before(lane, kLanes, distance, is_first)...);
#else
  to = __builtin_shuffle(first, second,
                         Places<kLanes>{place_before(lane, kLanes, distance, is_first)...});
#endif
}

/// Exchanges halves of all rows with each other, then quarters, down to single values.
template <int distance, int lanes>
STYLETRANSFER_INLINE void exchange(Lanes<lanes>* rows) {
  if constexpr (distance > 0) {
    constexpr auto kAll = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
    for (int row = 0; row < lanes; ++row) {
      if ((row & distance) != 0) continue;
      const Lanes<lanes> first = rows[row];
      const Lanes<lanes> second = rows[row + distance];
      exchange_values<distance, true>(first, second, kAll, rows[row]);
      exchange_values<distance, false>(first, second, kAll, rows[row + distance]);
    }
    exchange<distance / 2, lanes>(rows);
  }
}

template <int lanes>
STYLETRANSFER_INLINE void transpose(const float* block, float* to) {
  for (int row = 0; row < kPanelColumns; row += lanes) {
    for (int column = 0; column < kPanelColumns; column += lanes) {
      Lanes<lanes> rows[lanes];
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

// As many rows as the processor's registers hold the sums of.
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4")
void multiply_here(const Factors<float>& of, std::int64_t rows, float* product) {
  multiply<14, Floats<16>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void multiply_here(const Factors<float>& of, std::int64_t rows, float* product) {
  multiply<6, Floats<8>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4")
void transpose_here(const float* block, float* to) { transpose<16>(block, to); }
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void transpose_here(const float* block, float* to) { transpose<8>(block, to); }
// The loader knows no level with this instruction: asked for in has_pair_units().
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4,avx512vnni")
void multiply_in_pair_units(const Factors<Pair>& of, std::int64_t rows, float* product) {
  multiply<14, PairUnits>(of, rows, product);
}
#endif
STYLETRANSFER_CPU_LEVEL("default")
void multiply_here(const Factors<float>& of, std::int64_t rows, float* product) {
  multiply<6, Floats<4>>(of, rows, product);
}
STYLETRANSFER_CPU_LEVEL("default")
void transpose_here(const float* block, float* to) { transpose<4>(block, to); }

STYLETRANSFER_CPU_CLONES void multiply_pairs(const Factors<Pair>& of, std::int64_t rows,
                                             float* product) {
  multiply<6, Pairs<8>>(of, rows, product);
}

}  // namespace

STYLETRANSFER_CPU_CLONES void rows_of_integers(const float* values, std::int64_t rows,
                                               std::int64_t depth, Pair* left, float* row_scales) {
  constexpr int kLanes = kSliceColumns;
  for (std::int64_t row = 0; row < rows; ++row) {
    Places<kLanes> most{};
    for (std::int64_t k = 0; k < depth; k += kLanes) {
      Lanes<kLanes> part;
      load<kLanes>(values + k, part);
      take_magnitudes(part, most);
    }
    const RowScale scale(largest_of(most));
    row_scales[row] = scale.to_values;
    for (std::int64_t k = 0; k < depth; k += kPairDepth * kLanes) {
      Lanes<kLanes> low;
      Lanes<kLanes> high;
      load<kLanes>(values + k, low);
      load<kLanes>(values + k + kLanes, high);
      Places<kLanes> pairs;
      round_to_pairs<Places<kLanes>, Lanes<kLanes>>(scale.to_integers * low,
                                                    scale.to_integers * high, pairs);
      std::memcpy(left + (k / kPairDepth * rows + row * kLanes), &pairs, sizeof(pairs));
    }
    values += depth;
  }
}

STYLETRANSFER_CPU_CLONES void panel_of_integers(const float* panel, std::int64_t depth,
                                                Pair* integers, float* column_scales) {
  find_scales(panel, depth, column_scales);
  float factors[kPanelColumns];
  for (std::int64_t column = 0; column < kPanelColumns; ++column) {
    factors[column] = column_scales[column] > 0.0F ? 1.0F / column_scales[column] : 0.0F;
  }
  for (std::int64_t pair = 0; pair < depth / kPairDepth; ++pair) {
    const float* low =
        panel +
        (pair / kSliceColumns * kPairDepth * kSliceColumns + pair % kSliceColumns) * kPanelColumns;
    const float* high = low + kSliceColumns * kPanelColumns;
    for (std::int64_t column = 0; column < kPanelColumns; ++column) {
      round_to_pairs(factors[column] * low[column], factors[column] * high[column],
                     integers[pair * kPanelColumns + column]);
    }
  }
}

bool has_pair_units() {
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
  static const bool has = __builtin_cpu_supports("avx512vnni") != 0 &&
                          __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vl") != 0;
  return has;
#else
  return false;
#endif
}

void multiply_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                    float* product, NextPanel next) {
  multiply_here({left, rows * kSliceColumns, depth, panel, next, nullptr, nullptr}, rows, product);
}

void multiply_panel(const Pair* left, const float* row_scales, std::int64_t rows,
                    std::int64_t depth, const Pair* panel, const float* column_scales,
                    float* product, NextPanel next) {
#ifdef STYLETRANSFER_HAS_CPU_LEVELS
  if (has_pair_units()) {
    multiply_in_pair_units(
        {left, rows * kSliceColumns, depth / kPairDepth, panel, next, row_scales, column_scales},
        rows, product);
    return;
  }
#endif
  multiply_panel_anywhere(left, row_scales, rows, depth, panel, column_scales, product, next);
}

void multiply_panel_anywhere(const Pair* left, const float* row_scales, std::int64_t rows,
                             std::int64_t depth, const Pair* panel, const float* column_scales,
                             float* product, NextPanel next) {
  multiply_pairs(
      {left, rows * kSliceColumns, depth / kPairDepth, panel, next, row_scales, column_scales},
      rows, product);
}

void transpose_block(const float* block, float* transposed) { transpose_here(block, transposed); }

}  // namespace styletransfer::detail::cpu
