#include "optim/bounded_pixels.h"

#include <ATen/ATen.h>

#include <utility>

#include "kernels/parallel_chunks.h"
#include "optim/bounded_pixels_cpu.h"

namespace styletransfer::detail {
namespace {

constexpr double kLow = -0.5 / 255.0;
constexpr double kHigh = 255.5 / 255.0;
constexpr double kTurn = 0.1;
constexpr double kUnit = 0.05;
constexpr double kStartMargin = 0.005;

constexpr double kGray = (kLow + kHigh) / 2.0;
constexpr double kHalfSlope = (kHigh - kLow) / 2.0 + kTurn;

constexpr cpu::RoundedWave kWave{static_cast<float>(kLow), static_cast<float>(kHigh),
                                 static_cast<float>(kTurn), static_cast<float>(kUnit)};
// Smallest number of elements worth a thread. Threads get whole chunks, so that the remainder after
// the last full vector register is the same for any number of threads.
constexpr int64_t kChunk = 1 << 14;

/// cpu::on_slope for any dtype and device. On a rising slope, |phase| - H is the distance from
/// mid-gray, where H is half the height of a slope; the slope rises where the phase is positive.
at::Tensor wave_phase(const at::Tensor& unconstrained) {
  return (unconstrained * kUnit)
      .clamp_(-cpu::kFarthest, cpu::kFarthest)
      .sub_(kHalfSlope)
      .remainder_(4.0 * kHalfSlope)
      .sub_(2.0 * kHalfSlope);
}

/// Signed distance that each value reaches into the turn at either end; 0 before it.
at::Tensor depths_in_turn(const at::Tensor& from_gray) {
  return at::softshrink(from_gray, kHalfSlope - 2.0 * kTurn);
}

}  // namespace

at::Tensor unconstrained_from_pixels(const at::Tensor& pixels01) {
  at::Tensor from_gray = pixels01.flatten().clamp(kStartMargin, 1.0 - kStartMargin).sub_(kGray);
  at::Tensor to_end = from_gray.abs().neg_().add_((kHigh - kLow) / 2.0);
  const at::Tensor in_turn = to_end.clamp_max(kTurn).mul_(4.0 * kTurn).sqrt_();
  const at::Tensor along = to_end.sub_(kTurn).clamp_min_(0.0).add_(in_turn);
  return from_gray.sign_().mul_(along.neg().add_(kHalfSlope)).div_(kUnit);
}

void pixels_from_unconstrained(const at::Tensor& unconstrained, at::Tensor& pixels01) {
  if (!has_cpu_form(unconstrained) || !has_cpu_form(pixels01)) {
    const at::Tensor from_gray = wave_phase(unconstrained).abs_().sub_(kHalfSlope);
    const at::Tensor depth = depths_in_turn(from_gray);
    at::addcmul_out(pixels01, from_gray, depth, depth.abs(), -1.0 / (4.0 * kTurn)).add_(kGray);
    return;
  }
  for_each_chunk(unconstrained.numel(), kChunk, 1,
                 [&](int64_t /*chunk*/, int64_t first, int64_t count) {
                   cpu::pixels_from_unconstrained(unconstrained.const_data_ptr<float>() + first,
                                                  kWave, pixels01.data_ptr<float>() + first, count);
                 });
}

void gradient_to_unconstrained(const at::Tensor& d_pixels, const at::Tensor& unconstrained,
                               at::Tensor& d_unconstrained) {
  if (!has_cpu_form(d_pixels) || !has_cpu_form(unconstrained) || !has_cpu_form(d_unconstrained)) {
    at::Tensor phase = wave_phase(unconstrained);
    const at::Tensor depth = depths_in_turn(phase.abs().sub_(kHalfSlope));
    const at::Tensor slope = depth.abs_().mul_(-kUnit / (2.0 * kTurn)).add_(kUnit);
    at::mul_out(d_unconstrained, d_pixels, slope.mul_(phase.sign_()));
    return;
  }
  for_each_chunk(
      d_unconstrained.numel(), kChunk, 1, [&](int64_t /*chunk*/, int64_t first, int64_t count) {
        cpu::gradient_to_unconstrained(d_pixels.const_data_ptr<float>() + first,
                                       unconstrained.const_data_ptr<float>() + first, kWave,
                                       d_unconstrained.data_ptr<float>() + first, count);
      });
}

Function unconstrained_objective(
    std::function<Objective::QueuedEvaluation(const at::Tensor&)> of_image,
    const at::Tensor& image) {
  return [of_image = std::move(of_image), image, pixels = image.flatten()](
             const at::Tensor& unconstrained, at::Tensor& gradient) mutable {
    pixels_from_unconstrained(unconstrained, pixels);
    const Objective::QueuedEvaluation evaluation = of_image(image);
    // The image's gradient itself is not stored: it lies in the middle of the evaluation's memory,
    // which it would fragment.
    gradient_to_unconstrained(evaluation.gradient.flatten().to(unconstrained.scalar_type()),
                              unconstrained, gradient);
    return evaluation.loss;
  };
}

}  // namespace styletransfer::detail
