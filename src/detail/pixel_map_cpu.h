// The map between free numbers and pixels as plain loops, compiled per processor level.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// Distance from mid grey, in pixel values, beyond which a float knows no place on the wave: free
/// numbers from there on are taken as if they lay here.
inline constexpr float kFarthest = 1e5F;

/// The wave that pixel_map.h describes.
struct RoundedWave {
  float low;
  float high;
  /// Pixel values before each end that belong to a turn.
  float turn;
  /// Pixel values that one free number stands for between the turns.
  float unit;
};

void pixels_from_free(const float* free, RoundedWave wave, float* pixels, std::int64_t count);

/// of_free = of_pixels * dx/dfree, at `free`.
void chain_to_free(const float* of_pixels, const float* free, RoundedWave wave, float* of_free,
                   std::int64_t count);

}  // namespace styletransfer::detail::cpu
