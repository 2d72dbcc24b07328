#include "detail/pixel_map.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/pieces.h"
#include "detail/pixel_map_cpu.h"

namespace styletransfer::detail {
namespace {

constexpr double kLow = -0.5 / 255.0;
constexpr double kHigh = 255.5 / 255.0;
constexpr double kUnit = 0.2;
constexpr double kStartMargin = 0.005;

constexpr cpu::StretchedSigmoid kMap{static_cast<float>(kLow), static_cast<float>(kHigh - kLow),
                                     static_cast<float>(kUnit)};
// Elements worth a thread. Threads share whole pieces, so that the odd elements behind the last
// full vector register are the same for any number of them.
constexpr int64_t kPiece = 1 << 14;

bool has_cpu_form(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

}  // namespace

at::Tensor free_from_pixels(const at::Tensor& pixels01) {
  const at::Tensor share =
      pixels01.flatten().clamp(kStartMargin, 1.0 - kStartMargin).sub_(kLow).div_(kHigh - kLow);
  return at::logit(share).div_(kUnit);
}

void pixels_from_free(const at::Tensor& free, at::Tensor& pixels01) {
  if (!has_cpu_form(free) || !has_cpu_form(pixels01)) {
    at::mul_out(pixels01, free, at::scalar_tensor(kUnit, free.options()));
    pixels01.sigmoid_().mul_(kHigh - kLow).add_(kLow);
    return;
  }
  for_each_piece(free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::pixels_from_free(free.const_data_ptr<float>() + first, kMap,
                          pixels01.data_ptr<float>() + first, count);
  });
}

void chain_to_free(const at::Tensor& of_pixels, const at::Tensor& pixels01, at::Tensor& of_free) {
  if (!has_cpu_form(of_pixels) || !has_cpu_form(pixels01) || !has_cpu_form(of_free)) {
    // dx/dfree = unit (x - low) (high - x) / (high - low)
    at::Tensor slope = (pixels01 - kLow).mul_(kHigh - pixels01);
    at::mul_out(of_free, of_pixels, slope.mul_(kUnit / (kHigh - kLow)));
    return;
  }
  for_each_piece(of_free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::chain_to_free(of_pixels.const_data_ptr<float>() + first,
                       pixels01.const_data_ptr<float>() + first, kMap,
                       of_free.data_ptr<float>() + first, count);
  });
}

Function on_free_numbers(std::function<Objective::Evaluation(const at::Tensor&)> of_picture,
                         const at::Tensor& picture) {
  return [of_picture = std::move(of_picture), picture, pixels = picture.flatten()](
             const at::Tensor& free, at::Tensor& gradient) mutable {
    pixels_from_free(free, pixels);
    const Objective::Evaluation evaluation = of_picture(picture);
    // Not kept itself: it lies in the middle of the evaluation's memory, which would be cut in two.
    chain_to_free(evaluation.gradient.flatten().to(free.scalar_type()), pixels, gradient);
    return evaluation.loss;
  };
}

}  // namespace styletransfer::detail
