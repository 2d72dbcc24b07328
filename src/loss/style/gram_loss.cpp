#include "loss/style/gram_loss.h"

#include <ATen/ATen.h>

#include "kernels/elementwise.h"
#include "loss/style/gram_product.h"

namespace styletransfer {

void GramSum::add(const at::Tensor& features, int64_t first_row) {
  const StripWeights own = weights_.beside(features, first_row);
  const at::Tensor product = detail::gram_product(features.flatten(0, 1), own.flat);
  const auto wide = features.is_mps() ? at::kFloat : at::kDouble;
  if (sum_.defined()) {
    sum_ = sum_.to(wide).add_(product);
  } else {
    // On a GPU, the sum of a single product needs no more precision than the product has.
    sum_ = features.is_cpu() ? product.to(wide) : product;
  }
  positions_ += own.sum;
}

at::Tensor GramSum::take() {
  // If all weights are zero, so is the sum; any divisor does.
  const double count = (positions_ > 0.0 ? positions_ : 1.0) * static_cast<double>(sum_.size(0));
  positions_ = 0.0;
  return std::exchange(sum_, at::Tensor()).div_(count);
}

GramLoss::GramLoss(at::Tensor target, double weight, PositionWeights position_weights)
    : target_(std::move(target)), weight_(weight), gram_(std::move(position_weights)) {}

void GramLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  gram_.add(features, first_row);
  if (!gradient_factor_.defined()) {
    gradient_factor_ = at::empty(target_.sizes(), features.options());
  }
}

DeferredNumber GramLoss::finish() {
  const auto channels = static_cast<double>(target_.size(0));
  const double positions = gram_.positions();
  const double factor =
      positions > 0.0 ? 4.0 * weight_ / (channels * channels * channels * positions) : 0.0;
  DeferredNumber value = detail::scaled_difference(gram_.take(), target_, factor, gradient_factor_);
  value *= weight_;
  return value;
}

void GramLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                            at::Tensor& gradient) {
  at::Tensor rows = gradient.flatten(0, 1);
  detail::add_gram_gradient_(rows, features.flatten(0, 1), gradient_factor_, through_relu,
                             gram_.weights().beside(features, first_row).flat);
}

}  // namespace styletransfer
