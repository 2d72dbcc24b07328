// Elementwise operations composed of LibTorch operations.
//
// For any device and dtype; also the reference in the tests.
#pragma once

#include "kernels/elementwise.h"

namespace styletransfer::detail::aten {

void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation);
void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled);

/// Gradient of pool_2x2 with respect to its input and, with `through_relu`, of the ReLU that
/// produced that input (elements that are not positive get 0).
/// In: features [h, w, c] (the pooling's input), pooled_gradient [h / 2, w / 2, c].
/// Out: written to every element of `gradient` [h, w, c]. If a cell has several equal maxima, the
/// first in row-major order gets the gradient.
void pool_2x2_backward(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled_gradient,
                       bool through_relu, const at::Tensor& gradient);

[[nodiscard]] DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace styletransfer::detail::aten
