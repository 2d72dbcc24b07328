// The two matrix products of a Gram loss.
#pragma once

#include <ATen/core/Tensor.h>

#include "styletransfer/deferred_number.h"

namespace styletransfer::detail {

/// F^T M F, M the positions' weights on the diagonal.
/// In: F [positions, C], contiguous, float32, bfloat16 or float64; weights [positions] float32, 0
/// or more, contiguous, on F's device, or undefined: all 1.
/// Out: [C, C]; float32 for bfloat16 input (summed in float32, so that no rounding of a sum to
/// bfloat16 remains in it), else the input's dtype.
[[nodiscard]] at::Tensor gram_product(const at::Tensor& features, const at::Tensor& weights = {});

/// D = gram - target, both [C, C] float64 (elsewhere than on the CPU perhaps float32). Writes
/// factor * D to `scaled` [C, C] (any dtype) and returns the mean of D^2.
[[nodiscard]] DeferredNumber scaled_difference(const at::Tensor& gram, const at::Tensor& target,
                                               double factor, at::Tensor& scaled);

/// gradient += M F S, in place, and with `through_relu` times (F > 0) after that.
/// In: gradient and F [positions, C], contiguous, one dtype; S [C, C] symmetric, the same dtype;
/// weights as for gram_product.
void add_gram_gradient_(at::Tensor& gradient, const at::Tensor& features, const at::Tensor& factor,
                        bool through_relu, const at::Tensor& weights = {});

}  // namespace styletransfer::detail
