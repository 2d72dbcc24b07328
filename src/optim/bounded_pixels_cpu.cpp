#include "optim/bounded_pixels_cpu.h"

#include <cmath>

#include "device/cpu_dispatch.h"

namespace styletransfer::detail::cpu {
namespace {

/// A point of the wave, mapped to the rising slope through mid-gray.
struct OnSlope {
  /// Distance from mid-gray along the unconstrained variable, in pixel values: at most half a
  /// slope.
  float from_gray;
  /// 1 on a rising slope, -1 on a falling one.
  float direction;
};

STYLETRANSFER_INLINE float half_slope(RoundedWave wave) {
  return 0.5F * (wave.high - wave.low) + wave.turn;
}

STYLETRANSFER_INLINE OnSlope on_slope(float unconstrained, RoundedWave wave) {
  // Adding and subtracting this constant rounds to an integer, also in vectorized code.
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23
  const float half = half_slope(wave);
  float distance = wave.unit * unconstrained;
  // Not std::clamp: NaN must propagate, also in vectorized code.
  distance = distance > kFarthest ? kFarthest : distance;
  distance = distance < -kFarthest ? -kFarthest : distance;
  const float waves = distance * (0.25F / half) + kRounding - kRounding;
  const float rest = distance - waves * (4.0F * half);  // -2 half .. 2 half
  const bool falls = std::fabs(rest) > half;
  return {falls ? std::copysign(2.0F * half, rest) - rest : rest, falls ? -1.0F : 1.0F};
}

}  // namespace

STYLETRANSFER_CPU_CLONES void pixels_from_unconstrained(const float* __restrict unconstrained,
                                                        RoundedWave wave, float* __restrict pixels,
                                                        std::int64_t count) {
  const float half = half_slope(wave);
  const float gray = 0.5F * (wave.low + wave.high);
  for (std::int64_t i = 0; i < count; ++i) {
    const float from_gray = on_slope(unconstrained[i], wave).from_gray;
    const float to_end = half - std::fabs(from_gray);
    const float rounded =
        to_end < 2.0F * wave.turn ? to_end * to_end / (4.0F * wave.turn) : to_end - wave.turn;
    pixels[i] = gray + std::copysign(half - wave.turn - rounded, from_gray);
  }
}

STYLETRANSFER_CPU_CLONES void gradient_to_unconstrained(const float* __restrict d_pixels,
                                                        const float* __restrict unconstrained,
                                                        RoundedWave wave,
                                                        float* __restrict d_unconstrained,
                                                        std::int64_t count) {
  const float half = half_slope(wave);
  for (std::int64_t i = 0; i < count; ++i) {
    const OnSlope phase = on_slope(unconstrained[i], wave);
    const float to_end = half - std::fabs(phase.from_gray);
    const float share = to_end / (2.0F * wave.turn);
    const float slope = share < 1.0F ? share : 1.0F;
    d_unconstrained[i] = d_pixels[i] * (wave.unit * phase.direction * slope);
  }
}

}  // namespace styletransfer::detail::cpu
