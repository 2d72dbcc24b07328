// CPU loops of the map between unconstrained variables and pixels, compiled per processor level.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// Largest distance from mid-gray, in pixel values, at which a float still resolves the phase of
/// the wave: variables beyond are clamped to it.
inline constexpr float kFarthest = 1e5F;

/// The wave described in optim/bounded_pixels.h.
struct RoundedWave {
  float low;
  float high;
  /// Width of a turn before each end, in pixel values.
  float turn;
  /// Pixel values per unit of the unconstrained variable between the turns.
  float unit;
};

void pixels_from_unconstrained(const float* unconstrained, RoundedWave wave, float* pixels,
                               std::int64_t count);

/// d_unconstrained = d_pixels * d(pixel)/d(unconstrained), at `unconstrained`.
void gradient_to_unconstrained(const float* d_pixels, const float* unconstrained, RoundedWave wave,
                               float* d_unconstrained, std::int64_t count);

}  // namespace styletransfer::detail::cpu
