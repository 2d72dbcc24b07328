#include "detail/pixel_map_cpu.h"

#include <bit>

#include "detail/cpu_dispatch.h"

namespace styletransfer::detail::cpu {
namespace {

/// 2^x, to 2e-7 of itself, for |x| <= 126; a NaN stays one. The compiler turns it into vector code,
/// which it does not with the standard library's.
STYLETRANSFER_INLINE float power_of_two(float x) {
  // Adding this number rounds to whole numbers, which then lie in the lowest bits.
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23
  const float shifted = x + kRounding;
  const float rest = x - (shifted - kRounding);  // -1/2 .. 1/2
  // The series of 2^rest: ln(2)^k / k!
  float series = 1.5403530e-4F;
  series = series * rest + 1.3333558e-3F;
  series = series * rest + 9.6181291e-3F;
  series = series * rest + 5.5504109e-2F;
  series = series * rest + 2.4022651e-1F;
  series = series * rest + 6.9314718e-1F;
  series = series * rest + 1.0F;
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(shifted) + 127U) << 23U;
  return series * std::bit_cast<float>(exponent);
}

}  // namespace

STYLETRANSFER_CPU_CLONES void pixels_from_free(const float* __restrict free, StretchedSigmoid map,
                                               float* __restrict pixels, std::int64_t count) {
  constexpr float kFarthest = 126.0F;
  const float scale = -1.44269504F * map.unit;  // e^-x = 2^(-x log2 e)
  for (std::int64_t i = 0; i < count; ++i) {
    float power = scale * free[i];
    power = power > kFarthest ? kFarthest : power;
    power = power < -kFarthest ? -kFarthest : power;
    pixels[i] = map.low + map.range / (1.0F + power_of_two(power));
  }
}

STYLETRANSFER_CPU_CLONES void chain_to_free(const float* __restrict of_pixels,
                                            const float* __restrict pixels, StretchedSigmoid map,
                                            float* __restrict of_free, std::int64_t count) {
  // dx/dfree = unit (x - low) (high - x) / (high - low)
  const float high = map.low + map.range;
  const float scale = map.unit / map.range;
  for (std::int64_t i = 0; i < count; ++i) {
    of_free[i] = of_pixels[i] * (scale * (pixels[i] - map.low) * (high - pixels[i]));
  }
}

}  // namespace styletransfer::detail::cpu
