#include "detail/pixel_map.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/pieces.h"
#include "detail/pixel_map_cpu.h"

namespace styletransfer::detail {
namespace {

constexpr double kLow = -0.5 / 255.0;
constexpr double kHigh = 255.5 / 255.0;
constexpr double kTurn = 0.1;
constexpr double kUnit = 0.05;
constexpr double kStartMargin = 0.005;

constexpr double kGrey = (kLow + kHigh) / 2.0;
constexpr double kHalfSlope = (kHigh - kLow) / 2.0 + kTurn;

constexpr cpu::RoundedWave kWave{static_cast<float>(kLow), static_cast<float>(kHigh),
                                 static_cast<float>(kTurn), static_cast<float>(kUnit)};
// Elements worth a thread. Threads share whole pieces, so that the odd elements behind the last
// full vector register are the same for any number of them.
constexpr int64_t kPiece = 1 << 14;

/// cpu::on_slope for any type and device. Distances from mid grey on a rising slope are |place| -
/// H, H half a slope's height; the slope rises where the place is positive.
at::Tensor places_on_wave(const at::Tensor& free) {
  return (free * kUnit)
      .clamp_(-cpu::kFarthest, cpu::kFarthest)
      .sub_(kHalfSlope)
      .remainder_(4.0 * kHalfSlope)
      .sub_(2.0 * kHalfSlope);
}

/// How far distances from mid grey are in the turn at either end, with their sign; 0 before it.
at::Tensor depths_in_turn(const at::Tensor& from_grey) {
  return at::softshrink(from_grey, kHalfSlope - 2.0 * kTurn);
}

}  // namespace

at::Tensor free_from_pixels(const at::Tensor& pixels01) {
  at::Tensor from_grey = pixels01.flatten().clamp(kStartMargin, 1.0 - kStartMargin).sub_(kGrey);
  at::Tensor to_end = from_grey.abs().neg_().add_((kHigh - kLow) / 2.0);
  const at::Tensor in_turn = to_end.clamp_max(kTurn).mul_(4.0 * kTurn).sqrt_();
  const at::Tensor along = to_end.sub_(kTurn).clamp_min_(0.0).add_(in_turn);
  return from_grey.sign_().mul_(along.neg().add_(kHalfSlope)).div_(kUnit);
}

void pixels_from_free(const at::Tensor& free, at::Tensor& pixels01) {
  if (!has_cpu_form(free) || !has_cpu_form(pixels01)) {
    const at::Tensor from_grey = places_on_wave(free).abs_().sub_(kHalfSlope);
    const at::Tensor depth = depths_in_turn(from_grey);
    at::addcmul_out(pixels01, from_grey, depth, depth.abs(), -1.0 / (4.0 * kTurn)).add_(kGrey);
    return;
  }
  for_each_piece(free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::pixels_from_free(free.const_data_ptr<float>() + first, kWave,
                          pixels01.data_ptr<float>() + first, count);
  });
}

void chain_to_free(const at::Tensor& of_pixels, const at::Tensor& free, at::Tensor& of_free) {
  if (!has_cpu_form(of_pixels) || !has_cpu_form(free) || !has_cpu_form(of_free)) {
    at::Tensor place = places_on_wave(free);
    const at::Tensor depth = depths_in_turn(place.abs().sub_(kHalfSlope));
    const at::Tensor slope = depth.abs_().mul_(-kUnit / (2.0 * kTurn)).add_(kUnit);
    at::mul_out(of_free, of_pixels, slope.mul_(place.sign_()));
    return;
  }
  for_each_piece(of_free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::chain_to_free(of_pixels.const_data_ptr<float>() + first,
                       free.const_data_ptr<float>() + first, kWave,
                       of_free.data_ptr<float>() + first, count);
  });
}

Function on_free_numbers(std::function<Objective::QueuedEvaluation(const at::Tensor&)> of_picture,
                         const at::Tensor& picture) {
  return [of_picture = std::move(of_picture), picture, pixels = picture.flatten()](
             const at::Tensor& free, at::Tensor& gradient) mutable {
    pixels_from_free(free, pixels);
    const Objective::QueuedEvaluation evaluation = of_picture(picture);
    // Not kept itself: it lies in the middle of the evaluation's memory, which would be cut in two.
    chain_to_free(evaluation.gradient.flatten().to(free.scalar_type()), free, gradient);
    return evaluation.loss;
  };
}

}  // namespace styletransfer::detail
