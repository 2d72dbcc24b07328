#include "loss/style/wasserstein_loss.h"

#include <ATen/ATen.h>

#include <utility>

#include "loss/style/gaussian_transport.h"
#include "loss/style/gram_product.h"

namespace styletransfer::detail {
namespace {

constexpr double kAddedVariance = 1e-3;

at::ScalarType wide_type(const at::Tensor& features) {
  return features.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

struct Normal {
  at::Tensor mean;        // [C]
  at::Tensor covariance;  // [C, C]
};

Normal normal_of(const at::Tensor& moments) {
  const int64_t channels = moments.size(1);
  const at::Tensor mean = moments[channels];
  return {mean, moments.narrow(0, 0, channels) - at::outer(mean, mean)};
}

}  // namespace

void MomentSum::add(const at::Tensor& features, int64_t first_row) {
  const StripWeights strip = weights_.beside(features, first_row);
  const at::Tensor& weights = strip.flat;
  const at::Tensor flat = features.flatten(0, 1);
  const auto wide = wide_type(features);
  const auto sum_type = features.is_mps() ? at::kFloat : at::kDouble;
  const at::Tensor second = gram_product(flat, weights).to(sum_type);
  const at::Tensor first =
      (weights.defined() ? at::mv(flat.to(wide).t(), weights.to(wide)) : flat.sum(0, false, wide))
          .to(sum_type);
  second_ = second_.defined() ? second_ + second : second;
  first_ = first_.defined() ? first_ + first : first;
  // On the CPU summed in float32, unlike StripWeights::sum, so that results stay the same as in
  // earlier versions.
  positions_ += weights.defined() && weights.is_cpu() ? weights.sum().item<double>() : strip.sum;
}

at::Tensor MomentSum::take() {
  // If all weights are zero, so are the sums; any divisor does.
  const double count = positions_ > 0.0 ? positions_ : 1.0;
  positions_ = 0.0;
  const at::Tensor second = std::exchange(second_, at::Tensor());
  return at::cat({second, std::exchange(first_, at::Tensor()).unsqueeze(0)}).div_(count);
}

WassersteinLoss::WassersteinLoss(const at::Tensor& target, double weight,
                                 PositionWeights position_weights)
    : weight_(weight), moments_(std::move(position_weights)) {
  const Normal wanted = normal_of(target.to(at::kCPU).to(at::kDouble));
  const at::Tensor addition = kAddedVariance *
                              wanted.covariance.diagonal().mean().clamp_min(1e-12) *
                              at::eye(wanted.mean.size(0), at::kDouble);
  const auto on_device = [&](const at::Tensor& tensor) { return tensor.to(target.options()); };
  target_mean_ = on_device(wanted.mean);
  addition_ = on_device(addition);
  target_root_ = on_device(symmetric_root(wanted.covariance + addition));
}

void WassersteinLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  moments_.add(features, first_row);
  feature_options_ = features.options();
}

DeferredNumber WassersteinLoss::finish() {
  const double positions = moments_.positions();
  const Normal seen = normal_of(moments_.take());
  const at::Tensor covariance = seen.covariance + addition_;
  const at::Tensor apart = seen.mean - target_mean_;
  at::Tensor map;
  DeferredNumber value;
  if (covariance.is_cpu()) {
    const GaussianTransport transport = gaussian_transport(covariance, target_root_);
    map = transport.map;
    value = apart.square().sum().item<double>() + transport.squared_distance;
  } else {
    const QueuedTransport transport = gaussian_transport_by_products(covariance, target_root_);
    map = transport.map;
    value = DeferredNumber(at::dot(apart, apart) + transport.squared_distance);
  }
  const at::Tensor leftover = at::eye(seen.mean.size(0), map.options()) - map;
  const double factor = positions > 0.0 ? 2.0 * weight_ / positions : 0.0;
  gradient_factor_ = (factor * leftover).to(feature_options_).contiguous();
  gradient_offset_ = (factor * (apart - at::mv(leftover, seen.mean))).to(feature_options_);
  value *= weight_;
  return value;
}

void WassersteinLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                                   at::Tensor& gradient) {
  const at::Tensor weights = moments_.weights().beside(features, first_row).flat;
  at::Tensor rows = gradient.flatten(0, 1);
  if (weights.defined()) {
    rows.addcmul_(weights.to(rows.scalar_type()).unsqueeze(1), gradient_offset_);
  } else {
    rows.add_(gradient_offset_);
  }
  add_gram_gradient_(rows, features.flatten(0, 1), gradient_factor_, through_relu, weights);
}

double moment_power(const at::Tensor& moments) {
  return moments.narrow(0, 0, moments.size(1)).diagonal().sum().item<double>();
}

}  // namespace styletransfer::detail
