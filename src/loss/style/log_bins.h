// Fixed histogram grid with logarithmic spacing: about the same relative resolution everywhere.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace styletransfer::detail::log_bins {

// |x| + kOrigin ranges from 2^-6 to 2^16, with 32 equal steps per octave: neighboring nodes are 1.6
// to 3.1 % of their value apart. Larger numbers count for the last node; no VGG's features reach
// it.
inline constexpr int kStepBits = 5;
inline constexpr int64_t kOctaves = 22;
inline constexpr double kOrigin = 1.0 / 64;
/// Steps on each side of 0.
inline constexpr int64_t kSteps = kOctaves << kStepBits;
inline constexpr int64_t kNodes = 2 * kSteps + 1;

namespace bits {
template <typename Real>
using Word = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
/// Mantissa bits below the resolution of a step. Within an octave the bit pattern of a float is a
/// linear function of its value, so the position on the grid is read from the bits without a
/// logarithm.
template <typename Real>
inline constexpr int kShift = std::numeric_limits<Real>::digits - 1 - kStepBits;
template <typename Real>
inline constexpr Word<Real> kFirst = std::bit_cast<Word<Real>>(static_cast<Real>(kOrigin));
}  // namespace bits

/// Position of a number between the nodes `lower` and `lower + 1`, as linear interpolation weights.
template <typename Real>
struct Position {
  int64_t lower;
  Real share_of_upper;  // 0 .. 1
};

/// Position of a number on the grid. Real: float or double.
template <typename Real>
Position<Real> position_of(Real value) {
  using Word = bits::Word<Real>;
  constexpr int kShift = bits::kShift<Real>;
  constexpr Word kBelow = (Word{1} << kShift) - 1;
  const Real size = (value < 0 ? -value : value) + static_cast<Real>(kOrigin);
  const Word beyond = std::bit_cast<Word>(size) - bits::kFirst<Real>;
  const auto step = std::min<int64_t>(static_cast<int64_t>(beyond >> kShift), kSteps - 1);
  const Real past = static_cast<Real>(beyond & kBelow) / static_cast<Real>(Word{1} << kShift);
  if (value < 0) return {kSteps - 1 - step, 1 - past};
  return {kSteps + step, past};
}

/// The value of a node, 0 .. kNodes - 1.
inline double value_at(int64_t node) {
  const int64_t steps = node < kSteps ? kSteps - node : node - kSteps;
  const std::uint64_t pattern =
      bits::kFirst<double> + (static_cast<std::uint64_t>(steps) << bits::kShift<double>);
  const double size = std::bit_cast<double>(pattern) - kOrigin;
  return node < kSteps ? -size : size;
}

}  // namespace styletransfer::detail::log_bins
