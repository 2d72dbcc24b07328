// The map between free numbers and pixels as plain loops, compiled per processor level.
#pragma once

#include <cstdint>

namespace styletransfer::detail::cpu {

/// What a sigmoid is stretched to: x = low + range * sigmoid(unit * free).
struct StretchedSigmoid {
  float low;
  float range;
  float unit;
};

void pixels_from_free(const float* free, StretchedSigmoid map, float* pixels, std::int64_t count);

/// of_free = of_pixels * dx/dfree, at `pixels`.
void chain_to_free(const float* of_pixels, const float* pixels, StretchedSigmoid map,
                   float* of_free, std::int64_t count);

}  // namespace styletransfer::detail::cpu
