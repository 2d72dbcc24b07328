// The kernels in LibTorch operations: for every device and dtype, and the naive form in the tests.
#pragma once

#include "detail/kernels.h"

namespace styletransfer::detail::aten {

void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation);
void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled);
void pool_2x2_backward(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled_gradient,
                       bool through_relu, const at::Tensor& gradient);
[[nodiscard]] double squared_distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace styletransfer::detail::aten
