// Fixed-width SIMD vectors of float32 and int32 (GCC vector extensions).
//
// The width is chosen by the algorithm, not by the processor: the compiler splits a vector into as
// many registers as the target level needs. Arithmetic is lane by lane.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "device/cpu_dispatch.h"

namespace styletransfer::detail::cpu {

template <int count>
struct Vector {
  // `using` does not accept the attribute with a dependent size; typedef does.
  typedef float Values __attribute__((vector_size(count * sizeof(float))));
  typedef std::int32_t IntVec __attribute__((vector_size(count * sizeof(std::int32_t))));
};
template <int count>
using FloatVec = typename Vector<count>::Values;
template <int count>
using IntVec = typename Vector<count>::IntVec;

// Vectors are passed by reference: passed by value, their calling convention would depend on the
// target level (-Wpsabi).
template <int lanes>
STYLETRANSFER_INLINE void load(const float* from, FloatVec<lanes>& values) {
  std::memcpy(&values, from, sizeof(values));
}
template <int lanes>
STYLETRANSFER_INLINE void store(const FloatVec<lanes>& values, float* to) {
  std::memcpy(to, &values, sizeof(values));
}

/// Updates the lane-by-lane maximum of magnitudes. Magnitudes are kept as bits: without the sign
/// bit, floats are ordered like their bits as integers, and NaN is above everything, so it is not
/// lost.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void take_magnitudes(const Values& values, Bits& largest) {
  static_assert(sizeof(Bits) == sizeof(Values));
  constexpr std::int32_t kMagnitude = 0x7FFFFFFF;
  Bits magnitudes;
  std::memcpy(&magnitudes, &values, sizeof(magnitudes));
  magnitudes &= kMagnitude;
  largest = magnitudes > largest ? magnitudes : largest;
}

/// The maximum over all lanes, as a float.
template <typename Bits>
STYLETRANSFER_INLINE float largest_of(const Bits& magnitudes) {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < sizeof(Bits) / sizeof(largest); ++i) {
    largest = std::max<std::int32_t>(largest, magnitudes[i]);
  }
  float value = 0.0F;
  std::memcpy(&value, &largest, sizeof(value));
  return value;
}

/// Rounds to nearest, ties to even, without a conversion instruction: the lower 16 bits of the
/// float value + 1.5 * 2^23 are the rounded value as a 16-bit integer (|value| <= 32767). `bits`
/// receives the whole word; its upper half is meaningless.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void round_to_integers(const Values& values, Bits& bits) {
  static_assert(sizeof(Bits) == sizeof(Values));
  constexpr float kOneInTheLastPlace = 12582912.0F;
  const Values sum = values + kOneInTheLastPlace;
  std::memcpy(&bits, &sum, sizeof(bits));
}

/// Rounds two values (or vectors of them) to 16-bit integers and packs them into words, `low` in
/// the lower half.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void round_to_int16x2(const Values& low, const Values& high, Bits& pairs) {
  constexpr int kHalf = 16;
  constexpr std::int32_t kLower = 0xFFFF;
  Bits low_bits;
  Bits high_bits;
  round_to_integers(low, low_bits);
  round_to_integers(high, high_bits);
  pairs = (low_bits & kLower) | (high_bits << kHalf);
}

}  // namespace styletransfer::detail::cpu
