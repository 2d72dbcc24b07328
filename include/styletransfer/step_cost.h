// Layer 0: what a step costs before any has been timed.
#pragma once

#include <cstdint>

namespace styletransfer {

/// Relative cost of one step on so many pixels (the margin included): a part that grows with them,
/// and a fixed one as large as that of `kFixedPixels` pixels. Measured on two cores with bf16
/// units, a step at 128 px against one at 512 px: 4000 beside other programs, 9000 on a quiet
/// machine.
inline constexpr std::int64_t kFixedPixels = 7000;

[[nodiscard]] constexpr double expected_step_cost(std::int64_t worked_px) {
  return static_cast<double>(worked_px + kFixedPixels);
}

}  // namespace styletransfer
