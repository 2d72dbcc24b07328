// bfloat16 as bit patterns, for loops that the compiler turns into vector code.
#pragma once

#include <bit>
#include <cstdint>

#include "detail/cpu_dispatch.h"

namespace styletransfer::detail::cpu {

/// A bfloat16 number as its 16 bits.
using Bits = std::uint16_t;

STYLETRANSFER_INLINE float to_float(float value) { return value; }
STYLETRANSFER_INLINE float to_float(Bits value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

/// Round to nearest, ties to even. Not for NaN: one may turn infinite or into another number's
/// pattern, but the loss of a picture with a NaN in it is not finite before that matters.
STYLETRANSFER_INLINE void store(float value, float* out) { *out = value; }
STYLETRANSFER_INLINE void store(float value, Bits* out) {
  const auto word = std::bit_cast<std::uint32_t>(value);
  *out = static_cast<Bits>((word + 0x7FFFU + ((word >> 16U) & 1U)) >> 16U);
}

}  // namespace styletransfer::detail::cpu
