// bfloat16 conversions on bit patterns, written so that the compiler can vectorize loops of them.
#pragma once

#include <bit>
#include <cstdint>

#include "device/cpu_dispatch.h"

namespace styletransfer::detail::cpu {

/// The 16 bits of a bfloat16: the upper half of the float32 of the same value.
using Bits = std::uint16_t;

STYLETRANSFER_INLINE float to_float(float value) { return value; }
STYLETRANSFER_INLINE float to_float(Bits value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

/// Rounds to nearest, ties to even. NaN is not preserved: it may become infinite or any other bit
/// pattern. This is acceptable because the loss of an image with a NaN in it is not finite either
/// way.
STYLETRANSFER_INLINE void store(float value, float* out) { *out = value; }
STYLETRANSFER_INLINE void store(float value, Bits* out) {
  const auto word = std::bit_cast<std::uint32_t>(value);
  *out = static_cast<Bits>((word + 0x7FFFU + ((word >> 16U) & 1U)) >> 16U);
}

}  // namespace styletransfer::detail::cpu
