// Cost model of an iteration, used before any has been timed.
#pragma once

#include <cstdint>

namespace styletransfer {

/// Relative cost of one iteration on this many pixels (margin included): proportional to them, plus
/// a fixed cost equal to that of `kFixedPixels` pixels. Measured on two cores with bf16 units, an
/// iteration at 128 px against one at 512 px: 4000 on a machine with other load, 9000 on an idle
/// one.
inline constexpr std::int64_t kFixedPixels = 7000;

[[nodiscard]] constexpr double expected_step_cost(std::int64_t padded_px) {
  return static_cast<double>(padded_px + kFixedPixels);
}

}  // namespace styletransfer
