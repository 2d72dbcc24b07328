#include "detail/kernels_aten.h"

#include <ATen/ATen.h>

#include "detail/feature_layout.h"

namespace styletransfer::detail::aten {
void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation) {
  // Not times 0 or 1: what is not finite is to stop here too.
  at::Tensor passed = gradient;
  at::threshold_backward_out(passed, gradient, activation, 0.0);
}

void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled) {
  const at::Tensor batch = as_batch(features);
  pooled.copy_(as_features(kind == PoolKind::kMax ? at::max_pool2d(batch, 2, 2)
                                                  : at::avg_pool2d(batch, 2, 2)));
}

void pool_2x2_backward(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled_gradient,
                       bool through_relu, const at::Tensor& gradient) {
  const at::Tensor batch = as_batch(features);
  const at::Tensor upstream = as_batch(pooled_gradient);
  if (kind == PoolKind::kMax) {
    const at::Tensor indices = std::get<1>(at::max_pool2d_with_indices(batch, 2, 2));
    gradient.copy_(as_features(at::max_pool2d_with_indices_backward(
        upstream, batch, {2, 2}, {2, 2}, {0, 0}, {1, 1}, false, indices)));
  } else {
    gradient.copy_(as_features(
        at::avg_pool2d_backward(upstream, batch, {2, 2}, {2, 2}, {0, 0}, false, true, {})));
  }
  if (through_relu) aten::relu_backward_(gradient, features);
}

DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b) {
  const auto wide = a.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  // A device's dot product may add up in float32.
  return DeferredNumber(
      at::sub(a.to(wide), b).square_().sum(a.is_mps() ? at::kFloat : at::kDouble));
}

}  // namespace styletransfer::detail::aten
