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

/// row = difference = a - b; `difference` holds the values as the row keeps them.
void store_difference(const float* a, const float* b, HistoryRow row, float* difference,
                      std::int64_t count);

void load_row(HistoryRow row, float* values, std::int64_t count);

/// products = row . a, row . b, row . c
void three_products(HistoryRow row, const float* a, const float* b, const float* c,
                    std::int64_t count, float* products);

void scaled_copy(const float* from, float factor, float* to, std::int64_t count);

/// to += factor * row
void add_scaled_row(HistoryRow row, float factor, float* to, std::int64_t count);

[[nodiscard]] float square_sum(const float* values, std::int64_t count);

}  // namespace styletransfer::detail::cpu
