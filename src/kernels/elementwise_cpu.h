// Elementwise operations on the CPU.
//
// Plain loops over float32 or bfloat16 (as bit patterns) that are compiled once per x86-64 level
// (device/cpu_dispatch.h).
#pragma once

#include <cstdint>

#include "kernels/bfloat16.h"

namespace styletransfer::detail::cpu {

STYLETRANSFER_INLINE bool positive(float value) { return value > 0.0F; }
/// On the bit pattern: sign bit 0 and not zero. (A positive NaN counts as positive.)
STYLETRANSFER_INLINE bool positive(Bits value) { return static_cast<std::int16_t>(value) > 0; }

/// Maps bfloat16 bit patterns to integers in the same order as the numbers; -0 and +0 map to 0.
/// Comparing 16-bit integers processes twice as many values per instruction as float32 would.
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

/// Widths (in positions) of a pooling's input and output rows, and the number of channels.
struct RowShape {
  std::int64_t in_width;
  std::int64_t out_width;
  std::int64_t channels;
};

/// The pooling whose backward pass is wanted, and whether a ReLU precedes it.
struct PoolBackward {
  bool average;
  bool through_relu;
};

/// gradient = 0 where the activation is not positive, in place.
void relu_backward(float* gradient, const float* activation, std::int64_t count);
void relu_backward(Bits* gradient, const Bits* activation, std::int64_t count);

/// result = max(value, 0), rounded to bfloat16.
void relu_to_bfloat16(const float* value, Bits* result, std::int64_t count);

/// One row of 2x2 pooling. In: two consecutive rows [2, in_width, channels]. Out: [out_width,
/// channels].
void pool_row(bool average, RowShape shape, const float* in, float* out);
void pool_row(bool average, RowShape shape, const Bits* in, Bits* out);

/// Sum of (a - b)^2.
[[nodiscard]] double squared_distance(const float* a, const float* b, std::int64_t count);
[[nodiscard]] double squared_distance(const Bits* a, const Bits* b, std::int64_t count);

/// gradient += factor * (a - b); bfloat16 is computed in float32 and rounded once.
void add_scaled_difference(float* gradient, const float* a, const float* b, float factor,
                           std::int64_t count);
void add_scaled_difference(Bits* gradient, const Bits* a, const Bits* b, float factor,
                           std::int64_t count);

}  // namespace styletransfer::detail::cpu
