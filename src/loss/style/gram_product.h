// Matrix products of a Gram loss: the Gram matrix and its gradient.
#pragma once

#include <ATen/core/Tensor.h>

#include "device/deferred_number.h"

namespace styletransfer::detail {

/// F^T M F, where M is the diagonal matrix of position weights.
/// In: F [positions, C], contiguous, float32, bfloat16 or float64; weights [positions] float32, >=
/// 0, contiguous, on F's device, or undefined for all 1. Out: [C, C]; float32 for bfloat16 input
/// (accumulated in float32; sums are not rounded to bfloat16), otherwise the input's dtype.
[[nodiscard]] at::Tensor gram_product(const at::Tensor& features, const at::Tensor& weights = {});

/// With D = gram - target, both [C, C] float64 (possibly float32 on a GPU): writes factor * D to
/// `scaled` [C, C] (any dtype) and returns the mean of D^2.
[[nodiscard]] DeferredNumber scaled_difference(const at::Tensor& gram, const at::Tensor& target,
                                               double factor, at::Tensor& scaled);

/// gradient += M F S, in place; with `through_relu` the sum is then multiplied by (F > 0).
/// In: gradient and F [positions, C], contiguous, same dtype; S [C, C] symmetric, the same dtype;
/// weights as for gram_product.
void add_gram_gradient_(at::Tensor& gradient, const at::Tensor& features, const at::Tensor& factor,
                        bool through_relu, const at::Tensor& weights = {});

}  // namespace styletransfer::detail
