#include "kernels/elementwise_aten.h"

#include <ATen/ATen.h>

#include "kernels/feature_layout.h"

namespace styletransfer::detail::aten {
void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation) {
  // Not a product with (activation > 0): infinities and NaN must be removed as well.
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
    // LibTorch's indices name the first maximum in row-major order, the same choice as the masks'.
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
  // Not at::dot, which may accumulate in float32 on a GPU. MPS has no float64.
  return DeferredNumber(
      at::sub(a.to(wide), b).square_().sum(a.is_mps() ? at::kFloat : at::kDouble));
}

}  // namespace styletransfer::detail::aten
