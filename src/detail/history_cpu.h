// Plain loops over pieces of remembered vectors, compiled per processor level.
#pragma once

#include <cstdint>

#include "detail/kernels_cpu.h"

namespace styletransfer::detail::cpu {

/// A piece of a remembered vector; one of the two is set.
struct HistoryRow {
  float* floats;
  Bits* bits;
};

/// row = a - b, as far as it can be kept.
void store_difference(const float* a, const float* b, HistoryRow row, std::int64_t count);

void load_row(HistoryRow row, float* values, std::int64_t count);

/// products[3 i ... 3 i + 2] = rows[i] . a, rows[i] . b, rows[i] . c, with rows of `count` elements
/// of one kind.
void three_products(const HistoryRow* rows, std::int64_t row_count, const float* a, const float* b,
                    const float* c, std::int64_t count, float* products);

void scaled_copy(const float* from, float factor, float* to, std::int64_t count);

/// to += sum of factors[i] * rows[i], with rows of `count` elements of one kind.
void add_scaled_rows(const HistoryRow* rows, const float* factors, std::int64_t row_count,
                     float* to, std::int64_t count);

/// step = factor * direction goes into x and, as far as it can be kept, into the row.
void take_step(const float* direction, float factor, float* x, HistoryRow row, std::int64_t count);

[[nodiscard]] float square_sum(const float* values, std::int64_t count);

}  // namespace styletransfer::detail::cpu
