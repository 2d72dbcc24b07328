// The kernels in LibTorch operations: for every device and dtype, and the naive form in the tests.
#pragma once

#include "detail/kernels.h"

namespace styletransfer::detail::aten {

void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation);
void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled);

/// Gradient of pool_2x2 with respect to its input, and, with `through_relu`, of the ReLU that made
/// that input as well (then every element that is not positive gets none).
/// In: features [h, w, c] (pool's input), pooled_gradient [h / 2, w / 2, c].
/// Out: written to every element of `gradient` [h, w, c]. Of equal maxima the first, row by row,
/// takes the gradient.
void pool_2x2_backward(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled_gradient,
                       bool through_relu, const at::Tensor& gradient);

[[nodiscard]] DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace styletransfer::detail::aten
