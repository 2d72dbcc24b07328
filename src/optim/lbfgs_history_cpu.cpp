#include "optim/lbfgs_history_cpu.h"

#include "kernels/bfloat16.h"

namespace styletransfer::detail::cpu {
namespace {

// Independent running sums: one vector register each.
constexpr std::int64_t kLanes = 16;
// Rows processed together, so that the shared operand is loaded once for all of them and their
// running sums still fit into registers.
constexpr std::int64_t kProductRows = 4;
constexpr std::int64_t kSumRows = 8;

STYLETRANSFER_INLINE float sum_of(const float* lanes) {
  float sum = 0.0F;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) sum += lanes[lane];
  return sum;
}

STYLETRANSFER_INLINE const float* values_of(HistoryRow row, float /*kind*/) { return row.floats; }
STYLETRANSFER_INLINE const Bits* values_of(HistoryRow row, Bits /*kind*/) { return row.bits; }

template <std::int64_t Rows, typename T>
STYLETRANSFER_INLINE void three_products_together(const HistoryRow* rows, const float* __restrict a,
                                                  const float* __restrict b,
                                                  const float* __restrict c, std::int64_t count,
                                                  float* __restrict products) {
  const T* row[Rows];
  for (std::int64_t r = 0; r < Rows; ++r) row[r] = values_of(rows[r], T{});
  float sums[Rows][3][kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t r = 0; r < Rows; ++r) {
      for (std::int64_t lane = 0; lane < kLanes; ++lane) {
        const float value = to_float(row[r][i + lane]);
        sums[r][0][lane] += value * a[i + lane];
        sums[r][1][lane] += value * b[i + lane];
        sums[r][2][lane] += value * c[i + lane];
      }
    }
  }
  for (; i < count; ++i) {
    for (std::int64_t r = 0; r < Rows; ++r) {
      const float value = to_float(row[r][i]);
      sums[r][0][0] += value * a[i];
      sums[r][1][0] += value * b[i];
      sums[r][2][0] += value * c[i];
    }
  }
  for (std::int64_t r = 0; r < Rows; ++r) {
    for (std::int64_t with = 0; with < 3; ++with) products[3 * r + with] = sum_of(sums[r][with]);
  }
}

template <typename T>
STYLETRANSFER_INLINE void three_products_body(const HistoryRow* rows, std::int64_t row_count,
                                              const float* a, const float* b, const float* c,
                                              std::int64_t count, float* products) {
  std::int64_t r = 0;
  for (; r + kProductRows <= row_count; r += kProductRows) {
    three_products_together<kProductRows, T>(rows + r, a, b, c, count, products + 3 * r);
  }
  for (; r < row_count; ++r) {
    three_products_together<1, T>(rows + r, a, b, c, count, products + 3 * r);
  }
}

template <typename T>
STYLETRANSFER_INLINE void store_difference_body(const float* __restrict a,
                                                const float* __restrict b, T* __restrict row,
                                                std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) store(a[i] - b[i], row + i);
}

template <typename T>
STYLETRANSFER_INLINE void load_body(const T* __restrict row, float* __restrict values,
                                    std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) values[i] = to_float(row[i]);
}

template <std::int64_t Rows, typename T>
STYLETRANSFER_INLINE void add_scaled_together(const HistoryRow* rows, const float* factors,
                                              float* __restrict to, std::int64_t count) {
  const T* row[Rows];
  for (std::int64_t r = 0; r < Rows; ++r) row[r] = values_of(rows[r], T{});
  for (std::int64_t i = 0; i < count; ++i) {
    float sum = to[i];
    for (std::int64_t r = 0; r < Rows; ++r) sum += factors[r] * to_float(row[r][i]);
    to[i] = sum;
  }
}

template <typename T>
STYLETRANSFER_INLINE void add_scaled_body(const HistoryRow* rows, const float* factors,
                                          std::int64_t row_count, float* to, std::int64_t count) {
  std::int64_t r = 0;
  for (; r + kSumRows <= row_count; r += kSumRows) {
    add_scaled_together<kSumRows, T>(rows + r, factors + r, to, count);
  }
  for (; r < row_count; ++r) add_scaled_together<1, T>(rows + r, factors + r, to, count);
}

template <typename T>
STYLETRANSFER_INLINE void take_step_body(const float* __restrict direction, float factor,
                                         float* __restrict x, T* __restrict row,
                                         std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float step = factor * direction[i];
    x[i] += step;
    store(step, row + i);
  }
}

}  // namespace

STYLETRANSFER_CPU_CLONES void store_difference(const float* a, const float* b, HistoryRow row,
                                               std::int64_t count) {
  row.floats != nullptr ? store_difference_body(a, b, row.floats, count)
                        : store_difference_body(a, b, row.bits, count);
}

STYLETRANSFER_CPU_CLONES void load_row(HistoryRow row, float* values, std::int64_t count) {
  row.floats != nullptr ? load_body(row.floats, values, count) : load_body(row.bits, values, count);
}

STYLETRANSFER_CPU_CLONES void three_products(const HistoryRow* rows, std::int64_t row_count,
                                             const float* a, const float* b, const float* c,
                                             std::int64_t count, float* products) {
  if (row_count == 0) return;
  rows->floats != nullptr ? three_products_body<float>(rows, row_count, a, b, c, count, products)
                          : three_products_body<Bits>(rows, row_count, a, b, c, count, products);
}

STYLETRANSFER_CPU_CLONES void scaled_copy(const float* from, float factor, float* to,
                                          std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = factor * from[i];
}

STYLETRANSFER_CPU_CLONES void add_scaled_rows(const HistoryRow* rows, const float* factors,
                                              std::int64_t row_count, float* to,
                                              std::int64_t count) {
  if (row_count == 0) return;
  rows->floats != nullptr ? add_scaled_body<float>(rows, factors, row_count, to, count)
                          : add_scaled_body<Bits>(rows, factors, row_count, to, count);
}

STYLETRANSFER_CPU_CLONES void take_step(const float* direction, float factor, float* x,
                                        HistoryRow row, std::int64_t count) {
  row.floats != nullptr ? take_step_body(direction, factor, x, row.floats, count)
                        : take_step_body(direction, factor, x, row.bits, count);
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
