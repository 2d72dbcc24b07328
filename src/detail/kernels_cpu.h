// Plain loops over memory for the CPU, compiled per processor level. float32 and bfloat16 (as bit
// patterns).
#pragma once

#include <cstdint>

#include "detail/bfloat16_bits.h"

namespace styletransfer::detail::cpu {

struct RowShape {
  std::int64_t in_width;
  std::int64_t out_width;
  std::int64_t channels;
};

struct PoolBackward {
  bool average;
  bool through_relu;
};

void relu_backward(float* gradient, const float* activation, std::int64_t count);
void relu_backward(Bits* gradient, const Bits* activation, std::int64_t count);

void relu_to_bfloat16(const float* value, Bits* result, std::int64_t count);

/// Two input rows (in_width x channels each, one after the other) to one pooled row.
void pool_row(bool average, RowShape shape, const float* in, float* out);
void pool_row(bool average, RowShape shape, const Bits* in, Bits* out);

/// Neighbouring pooling cells; values from one row to the next of the input and of its gradient.
struct CellShape {
  std::int64_t cells;
  std::int64_t channels;
  std::int64_t in_row;
  std::int64_t gradient_row;
};
/// The gradient of pooled cells to the two input rows under them.
void pool_cells_backward(PoolBackward mode, CellShape shape, const float* in, const float* upstream,
                         float* gradient);
void pool_cells_backward(PoolBackward mode, CellShape shape, const Bits* in, const Bits* upstream,
                         Bits* gradient);

[[nodiscard]] double squared_distance(const float* a, const float* b, std::int64_t count);
[[nodiscard]] double squared_distance(const Bits* a, const Bits* b, std::int64_t count);

void add_scaled_difference(float* gradient, const float* a, const float* b, float factor,
                           std::int64_t count);
void add_scaled_difference(Bits* gradient, const Bits* a, const Bits* b, float factor,
                           std::int64_t count);

}  // namespace styletransfer::detail::cpu
