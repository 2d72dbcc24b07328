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

/// cpu::on_slope for any type and device: distances from mid grey on the rising slope, and which
/// of them lay on a falling one.
std::pair<at::Tensor, at::Tensor> on_slope(const at::Tensor& free) {
  const at::Tensor distance = (free * kUnit).clamp_(-cpu::kFarthest, cpu::kFarthest);
  const at::Tensor rest =
      distance - (distance / (4.0 * kHalfSlope)).round_().mul_(4.0 * kHalfSlope);
  at::Tensor falls = rest.abs().gt(kHalfSlope);
  return {at::where(falls, rest.sign() * (2.0 * kHalfSlope) - rest, rest), std::move(falls)};
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
    const at::Tensor from_grey = on_slope(free).first;
    const at::Tensor along = kHalfSlope - from_grey.abs();
    const at::Tensor to_end =
        at::where(along.lt(2.0 * kTurn), along.square().div(4.0 * kTurn), along.sub(kTurn));
    pixels01.copy_(from_grey.sign().mul_((kHigh - kLow) / 2.0 - to_end).add_(kGrey));
    return;
  }
  for_each_piece(free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::pixels_from_free(free.const_data_ptr<float>() + first, kWave,
                          pixels01.data_ptr<float>() + first, count);
  });
}

void chain_to_free(const at::Tensor& of_pixels, const at::Tensor& free, at::Tensor& of_free) {
  if (!has_cpu_form(of_pixels) || !has_cpu_form(free) || !has_cpu_form(of_free)) {
    const auto [from_grey, falls] = on_slope(free);
    at::Tensor slope = (kHalfSlope - from_grey.abs()).div_(2.0 * kTurn).clamp_max_(1.0);
    slope = at::where(falls, slope.neg(), slope).mul_(kUnit);
    at::mul_out(of_free, of_pixels, slope);
    return;
  }
  for_each_piece(of_free.numel(), kPiece, 1, [&](int64_t /*piece*/, int64_t first, int64_t count) {
    cpu::chain_to_free(of_pixels.const_data_ptr<float>() + first,
                       free.const_data_ptr<float>() + first, kWave,
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
    chain_to_free(evaluation.gradient.flatten().to(free.scalar_type()), free, gradient);
    return evaluation.loss;
  };
}

}  // namespace styletransfer::detail
