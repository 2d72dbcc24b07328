// Plain loops over memory for the CPU, compiled per processor level. float32 and bfloat16 (as bit
// patterns).
#pragma once

#include <cstdint>

#include "detail/bfloat16_bits.h"

namespace styletransfer::detail::cpu {

STYLETRANSFER_INLINE bool positive(float value) { return value > 0.0F; }
// Sign bit clear and not zero.
STYLETRANSFER_INLINE bool positive(Bits value) { return static_cast<std::int16_t>(value) > 0; }

/// Orders bfloat16 bit patterns like the numbers they stand for; both zeros are equal.
STYLETRANSFER_INLINE std::int16_t order(Bits value) {
  const auto word = static_cast<std::int16_t>(value);
  const int sign = word >> 15;  // 0 or -1
  return static_cast<std::int16_t>(((word & 0x7FFF) ^ sign) - sign);
}
STYLETRANSFER_INLINE float order(float value) { return value; }

template <typename T>
STYLETRANSFER_INLINE T larger(T a, T b) {
  return order(a) >= order(b) ? a : b;
}

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

[[nodiscard]] double squared_distance(const float* a, const float* b, std::int64_t count);
[[nodiscard]] double squared_distance(const Bits* a, const Bits* b, std::int64_t count);

void add_scaled_difference(float* gradient, const float* a, const float* b, float factor,
                           std::int64_t count);
void add_scaled_difference(Bits* gradient, const Bits* a, const Bits* b, float factor,
                           std::int64_t count);

}  // namespace styletransfer::detail::cpu
