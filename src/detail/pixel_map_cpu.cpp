#include "detail/pixel_map_cpu.h"

#include <cmath>

#include "detail/cpu_dispatch.h"

namespace styletransfer::detail::cpu {
namespace {

/// A point of the wave, brought to the rising slope through mid grey.
struct OnSlope {
  /// Distance along the free numbers, in pixel values, from mid grey: at most half a slope.
  float from_grey;
  /// 1 on a rising slope, -1 on a falling one.
  float direction;
};

STYLETRANSFER_INLINE float half_slope(RoundedWave wave) {
  return 0.5F * (wave.high - wave.low) + wave.turn;
}

STYLETRANSFER_INLINE OnSlope on_slope(float free, RoundedWave wave) {
  // Adding this number rounds to whole numbers, in vector code too.
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23
  const float half = half_slope(wave);
  float distance = wave.unit * free;
  // Not std::clamp: a NaN stays one, in vector code too.
  distance = distance > kFarthest ? kFarthest : distance;
  distance = distance < -kFarthest ? -kFarthest : distance;
  const float waves = distance * (0.25F / half) + kRounding - kRounding;
  const float rest = distance - waves * (4.0F * half);  // -2 half .. 2 half
  const bool falls = std::fabs(rest) > half;
  return {falls ? std::copysign(2.0F * half, rest) - rest : rest, falls ? -1.0F : 1.0F};
}

}  // namespace

STYLETRANSFER_CPU_CLONES void pixels_from_free(const float* __restrict free, RoundedWave wave,
                                               float* __restrict pixels, std::int64_t count) {
  const float half = half_slope(wave);
  const float grey = 0.5F * (wave.low + wave.high);
  for (std::int64_t i = 0; i < count; ++i) {
    const float from_grey = on_slope(free[i], wave).from_grey;
    const float to_end = half - std::fabs(from_grey);
    const float rounded =
        to_end < 2.0F * wave.turn ? to_end * to_end / (4.0F * wave.turn) : to_end - wave.turn;
    pixels[i] = grey + std::copysign(half - wave.turn - rounded, from_grey);
  }
}

STYLETRANSFER_CPU_CLONES void chain_to_free(const float* __restrict of_pixels,
                                            const float* __restrict free, RoundedWave wave,
                                            float* __restrict of_free, std::int64_t count) {
  const float half = half_slope(wave);
  for (std::int64_t i = 0; i < count; ++i) {
    const OnSlope place = on_slope(free[i], wave);
    const float to_end = half - std::fabs(place.from_grey);
    const float share = to_end / (2.0F * wave.turn);
    const float slope = share < 1.0F ? share : 1.0F;
    of_free[i] = of_pixels[i] * (wave.unit * place.direction * slope);
  }
}

}  // namespace styletransfer::detail::cpu
