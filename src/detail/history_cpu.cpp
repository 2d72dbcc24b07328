#include "detail/history_cpu.h"

#include "detail/bfloat16_bits.h"

namespace styletransfer::detail::cpu {
namespace {

// Running sums side by side: one vector register each.
constexpr std::int64_t kLanes = 16;

STYLETRANSFER_INLINE float sum_of(const float* lanes) {
  float sum = 0.0F;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
  return sum;
}

template <typename T>
STYLETRANSFER_INLINE void three_products_body(const T* __restrict row, const float* __restrict a,
                                              const float* __restrict b, const float* __restrict c,
                                              std::int64_t count, float* products) {
  float with_a[kLanes] = {};
  float with_b[kLanes] = {};
  float with_c[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = to_float(row[i + lane]);
      with_a[lane] += value * a[i + lane];
      with_b[lane] += value * b[i + lane];
      with_c[lane] += value * c[i + lane];
    }
  }
  for (; i < count; ++i) {
    const float value = to_float(row[i]);
    with_a[0] += value * a[i];
    with_b[0] += value * b[i];
    with_c[0] += value * c[i];
  }
  products[0] = sum_of(with_a);
  products[1] = sum_of(with_b);
  products[2] = sum_of(with_c);
}

template <typename T>
STYLETRANSFER_INLINE void store_difference_body(const float* __restrict a,
                                                const float* __restrict b, T* __restrict row,
                                                float* __restrict difference, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    store(a[i] - b[i], row + i);
    difference[i] = to_float(row[i]);
  }
}

template <typename T>
STYLETRANSFER_INLINE void load_body(const T* __restrict row, float* __restrict values,
                                    std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) values[i] = to_float(row[i]);
}

template <typename T>
STYLETRANSFER_INLINE void add_scaled_body(const T* __restrict row, float factor,
                                          float* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] += factor * to_float(row[i]);
}

}  // namespace

STYLETRANSFER_CPU_CLONES void store_difference(const float* a, const float* b, HistoryRow row,
                                               float* difference, std::int64_t count) {
  row.floats != nullptr ? store_difference_body(a, b, row.floats, difference, count)
                        : store_difference_body(a, b, row.bits, difference, count);
}

STYLETRANSFER_CPU_CLONES void load_row(HistoryRow row, float* values, std::int64_t count) {
  row.floats != nullptr ? load_body(row.floats, values, count) : load_body(row.bits, values, count);
}

STYLETRANSFER_CPU_CLONES void three_products(HistoryRow row, const float* a, const float* b,
                                             const float* c, std::int64_t count, float* products) {
  row.floats != nullptr ? three_products_body(row.floats, a, b, c, count, products)
                        : three_products_body(row.bits, a, b, c, count, products);
}

STYLETRANSFER_CPU_CLONES void scaled_copy(const float* from, float factor, float* to,
                                          std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = factor * from[i];
}

STYLETRANSFER_CPU_CLONES void add_scaled_row(HistoryRow row, float factor, float* to,
                                             std::int64_t count) {
  row.floats != nullptr ? add_scaled_body(row.floats, factor, to, count)
                        : add_scaled_body(row.bits, factor, to, count);
}

STYLETRANSFER_CPU_CLONES float square_sum(const float* values, std::int64_t count) {
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += values[i + lane] * values[i + lane];
    }
  }
  for (; i < count; ++i) lanes[0] += values[i] * values[i];
  return sum_of(lanes);
}

}  // namespace styletransfer::detail::cpu
