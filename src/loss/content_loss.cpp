#include "loss/content_loss.h"

#include <ATen/ATen.h>

#include "kernels/elementwise.h"

namespace styletransfer {
namespace {

/// The rows of [H, W] weights that belong to a strip of features, as [rows, W, 1] in the features'
/// dtype.
at::Tensor beside(const at::Tensor& weights, const at::Tensor& features, int64_t first_row) {
  return weights.narrow(0, first_row, features.size(0))
      .to(features.device(), features.scalar_type())
      .unsqueeze(2);
}

}  // namespace

ContentLoss::ContentLoss(at::Tensor target, double weight, const at::Tensor& position_weights)
    : target_(std::move(target)), weight_(weight), elements_(static_cast<double>(target_.numel())) {
  if (!position_weights.defined()) return;
  position_weights_ = beside(position_weights, target_, 0);
  const double counted =
      position_weights.sum(at::kDouble).item<double>() * static_cast<double>(target_.size(2));
  elements_ = counted > 0.0 ? counted : 1.0;
}

void ContentLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  const int64_t rows = features.size(0);
  const at::Tensor target = target_.narrow(0, first_row, rows);
  if (!position_weights_.defined()) {
    sum_ += detail::squared_distance(features, target);
    return;
  }
  const auto wide = features.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  sum_ += DeferredNumber(at::linalg_vector_norm(features - target, 2, {2}, /*keepdim=*/true, wide)
                             .square_()
                             .mul_(position_weights_.narrow(0, first_row, rows))
                             .sum(features.is_mps() ? at::kFloat : at::kDouble));
}

DeferredNumber ContentLoss::finish() {
  DeferredNumber value = std::exchange(sum_, DeferredNumber());
  value *= weight_;
  value /= elements_;
  return value;
}

void ContentLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                               at::Tensor& gradient) {
  const int64_t rows = features.size(0);
  const at::Tensor target = target_.narrow(0, first_row, rows);
  const double factor = 2.0 * weight_ / elements_;
  if (position_weights_.defined()) {
    gradient.add_((features - target).mul_(position_weights_.narrow(0, first_row, rows)), factor);
  } else {
    detail::add_scaled_difference_(gradient, features, target, factor);
  }
  if (through_relu) detail::relu_backward_(gradient, features);
}

}  // namespace styletransfer
