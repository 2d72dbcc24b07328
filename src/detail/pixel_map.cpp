#include "detail/pixel_map.h"

#include <ATen/ATen.h>

namespace styletransfer::detail {
namespace {

constexpr double kLow = -0.5 / 255.0;
constexpr double kHigh = 255.5 / 255.0;
constexpr double kUnit = 0.2;
constexpr double kStartMargin = 0.005;

}  // namespace

at::Tensor free_from_pixels(const at::Tensor& pixels01) {
  const at::Tensor share =
      pixels01.flatten().clamp(kStartMargin, 1.0 - kStartMargin).sub_(kLow).div_(kHigh - kLow);
  return at::logit(share).div_(kUnit);
}

void pixels_from_free(const at::Tensor& free, at::Tensor& pixels01) {
  at::mul_out(pixels01, free, at::scalar_tensor(kUnit, free.options()));
  pixels01.sigmoid_().mul_(kHigh - kLow).add_(kLow);
}

void chain_to_free_(at::Tensor& gradient, const at::Tensor& pixels01) {
  // dx/dfree = unit (x - low) (high - x) / (high - low)
  at::Tensor slope = (pixels01 - kLow).mul_(kHigh - pixels01);
  gradient.mul_(slope.mul_(kUnit / (kHigh - kLow)));
}

}  // namespace styletransfer::detail
