// Learning rate schedules: the factor as a function of the fraction of the training that is done
// (0..1).
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace styletransfer::detail {

/// Half-cosine decay from 1 to 0.
inline double half_cosine(double fraction) {
  return 0.5 * (1.0 + std::cos(std::numbers::pi * fraction));
}

/// 1 for the first half, then linear decay to 0 (Zhu et al. 2017: 100 and 100 epochs).
inline double constant_then_linear(double fraction) {
  return std::min(1.0, 2.0 * (1.0 - fraction));
}

}  // namespace styletransfer::detail
