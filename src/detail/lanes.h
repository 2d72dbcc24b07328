// Values that are worked on at once, in as many registers as the processor needs for them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "detail/cpu_dispatch.h"

namespace styletransfer::detail::cpu {

template <int count>
struct Vector {
  // A size that depends on a parameter needs the older form of these.
  typedef float Values __attribute__((vector_size(count * sizeof(float))));
  typedef std::int32_t Places __attribute__((vector_size(count * sizeof(std::int32_t))));
};
template <int count>
using Lanes = typename Vector<count>::Values;
template <int count>
using Places = typename Vector<count>::Places;

// By reference: a vector given by value makes a function another one on every processor.
template <int lanes>
STYLETRANSFER_INLINE void load(const float* from, Lanes<lanes>& values) {
  std::memcpy(&values, from, sizeof(values));
}
template <int lanes>
STYLETRANSFER_INLINE void store(const Lanes<lanes>& values, float* to) {
  std::memcpy(to, &values, sizeof(values));
}

/// Magnitudes of values so far, lane by lane, as their bits: these are in the same order, and what
/// is not a number is above all.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void take_magnitudes(const Values& values, Bits& largest) {
  static_assert(sizeof(Bits) == sizeof(Values));
  constexpr std::int32_t kMagnitude = 0x7FFFFFFF;
  Bits magnitudes;
  std::memcpy(&magnitudes, &values, sizeof(magnitudes));
  magnitudes &= kMagnitude;
  largest = magnitudes > largest ? magnitudes : largest;
}

/// The largest of them.
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

/// The bits of value + 1.5 * 2^23, whose lower half is the value, rounded, as a 16-bit integer.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void round_to_integers(const Values& values, Bits& bits) {
  static_assert(sizeof(Bits) == sizeof(Values));
  constexpr float kOneInTheLastPlace = 12582912.0F;
  const Values sum = values + kOneInTheLastPlace;
  std::memcpy(&bits, &sum, sizeof(bits));
}

/// Rounds two values, or lanes of them, to 16-bit integers: pairs, the first in the lower half.
template <typename Bits, typename Values>
STYLETRANSFER_INLINE void round_to_pairs(const Values& low, const Values& high, Bits& pairs) {
  constexpr int kHalf = 16;
  constexpr std::int32_t kLower = 0xFFFF;
  Bits low_bits;
  Bits high_bits;
  round_to_integers(low, low_bits);
  round_to_integers(high, high_bits);
  pairs = (low_bits & kLower) | (high_bits << kHalf);
}

}  // namespace styletransfer::detail::cpu
