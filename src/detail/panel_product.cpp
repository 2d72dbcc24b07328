#include "detail/panel_product.h"

#include <algorithm>
#include <utility>

#include "detail/cpu_dispatch.h"
#include "detail/lanes.h"

namespace styletransfer::detail::cpu {
namespace {

constexpr std::int64_t kLineValues = 16;  // of a line of the caches
constexpr std::int64_t kLinesAhead = 5;   // of the next panel, for every slice of every block

/// Lets the caches fetch a part of what the next panel has beside the slice from `depth` on.
STYLETRANSFER_INLINE void fetch(NextPanel next, std::int64_t depth) {
  if (next.block == nullptr) return;
  const float* line =
      next.block + depth / kPanelColumns * next.pitch + depth % kPanelColumns * kPanelColumns;
#pragma GCC unroll 8
  for (std::int64_t i = 0; i < kLinesAhead; ++i) {
    __builtin_prefetch(line + i * kLineValues, /*for writing*/ 0, /*second-level cache*/ 2);
  }
}

/// A block of `rows` rows and two vectors of columns.
template <int rows, int lanes>
STYLETRANSFER_INLINE void multiply_block(const float* left, std::int64_t pitch, std::int64_t depth,
                                         const float* panel, float* first, float* second,
                                         NextPanel next) {
  Lanes<lanes> sums[2 * rows];
#pragma GCC unroll 32
  for (int i = 0; i < 2 * rows; ++i) sums[i] = Lanes<lanes>{};
  for (std::int64_t slice = 0; slice < depth; slice += kSliceColumns) {
    fetch(next, slice);
    for (int k = 0; k < kSliceColumns; ++k) {
      Lanes<lanes> weights[2];
      load<lanes>(panel, weights[0]);
      load<lanes>(panel + lanes, weights[1]);
#pragma GCC unroll 16
      for (int row = 0; row < rows; ++row) {
        const float value = left[row * kSliceColumns + k];
        sums[2 * row] += value * weights[0];
        sums[2 * row + 1] += value * weights[1];
      }
      panel += kPanelColumns;
    }
    left += pitch;
  }
#pragma GCC unroll 16
  for (int row = 0; row < rows; ++row) {
    store<lanes>(sums[2 * row], first + row * kSliceColumns);
    store<lanes>(sums[2 * row + 1], second + row * kSliceColumns);
  }
}

/// `count` rows, at most `most`; `pitch` values from one slice to the next.
template <int most, int lanes>
STYLETRANSFER_INLINE void multiply_rows(std::int64_t count, const float* left, std::int64_t pitch,
                                        std::int64_t depth, const float* panel, float* product,
                                        NextPanel next) {
  if constexpr (most > 0) {
    if (count < most) {
      multiply_rows<most - 1, lanes>(count, left, pitch, depth, panel, product, next);
      return;
    }
    const auto place = [&](std::int64_t column) {
      return product + column / kSliceColumns * pitch + column % kSliceColumns;
    };
    for (std::int64_t column = 0; column < kPanelColumns; column += 2 * lanes) {
      multiply_block<most, lanes>(left, pitch, depth, panel + column, place(column),
                                  place(column + lanes), next);
    }
  }
}

template <int most, int lanes>
STYLETRANSFER_INLINE void multiply(const float* left, std::int64_t rows, std::int64_t depth,
                                   const float* panel, float* product, NextPanel next) {
  // Blocks as even as can be: one of a row or two waits for its own sums.
  const std::int64_t blocks = (rows + most - 1) / most;
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t first = block * rows / blocks;
    const std::int64_t count = (block + 1) * rows / blocks - first;
    NextPanel part = next;
    if (part.block != nullptr) {
      // A slice of a panel has as many lines as a panel has columns.
      part.block += std::min(block * kLinesAhead, kPanelColumns - kLinesAhead) * kLineValues;
    }
    multiply_rows<most, lanes>(count, left + first * kSliceColumns, rows * kSliceColumns, depth,
                               panel, product + first * kSliceColumns, part);
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
void multiply_here(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                   float* product, NextPanel next) {
  multiply<14, 16>(left, rows, depth, panel, product, next);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void multiply_here(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                   float* product, NextPanel next) {
  multiply<6, 8>(left, rows, depth, panel, product, next);
}
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v4")
void transpose_here(const float* block, float* to) { transpose<16>(block, to); }
STYLETRANSFER_CPU_LEVEL("arch=x86-64-v3")
void transpose_here(const float* block, float* to) { transpose<8>(block, to); }
#endif
STYLETRANSFER_CPU_LEVEL("default")
void multiply_here(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                   float* product, NextPanel next) {
  multiply<6, 4>(left, rows, depth, panel, product, next);
}
STYLETRANSFER_CPU_LEVEL("default")
void transpose_here(const float* block, float* to) { transpose<4>(block, to); }

}  // namespace

void multiply_panel(const float* left, std::int64_t rows, std::int64_t depth, const float* panel,
                    float* product, NextPanel next) {
  multiply_here(left, rows, depth, panel, product, next);
}

void transpose_block(const float* block, float* transposed) { transpose_here(block, transposed); }

}  // namespace styletransfer::detail::cpu
