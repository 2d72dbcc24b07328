// CPU loops over chunks of history vectors, compiled per processor level.
#pragma once

#include <cstdint>

#include "kernels/elementwise_cpu.h"

namespace styletransfer::detail::cpu {

/// A chunk of a history vector, in float32 or bfloat16: exactly one pointer is set.
struct HistoryRow {
  float* floats;
  Bits* bits;
};

/// row = a - b, rounded to the row's storage type.
void store_difference(const float* a, const float* b, HistoryRow row, std::int64_t count);

void load_row(HistoryRow row, float* values, std::int64_t count);

/// products[3 i ... 3 i + 2] = rows[i] . a, rows[i] . b, rows[i] . c, with rows of `count`
/// elements, all of one storage type.
void three_products(const HistoryRow* rows, std::int64_t row_count, const float* a, const float* b,
                    const float* c, std::int64_t count, float* products);

void scaled_copy(const float* from, float factor, float* to, std::int64_t count);

/// to += sum of factors[i] * rows[i], with rows of `count` elements, all of one storage type.
void add_scaled_rows(const HistoryRow* rows, const float* factors, std::int64_t row_count,
                     float* to, std::int64_t count);

/// x += factor * direction; the step is also stored in the row, rounded to its storage type.
void take_step(const float* direction, float factor, float* x, HistoryRow row, std::int64_t count);

[[nodiscard]] float square_sum(const float* values, std::int64_t count);

}  // namespace styletransfer::detail::cpu
