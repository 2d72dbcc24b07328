// The two matrix products of a Gram loss.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// F^T F. In: F [positions, C], contiguous, float32, bfloat16 or float64.
/// Out: [C, C]; float32 for bfloat16 input (summed in float32, so that no rounding of a sum to
/// bfloat16 remains in it), else the input's dtype.
[[nodiscard]] at::Tensor gram_product(const at::Tensor& features);

/// gradient += F S, in place, and with `through_relu` times (F > 0) after that.
/// In: gradient and F [positions, C], contiguous, one dtype; S [C, C] symmetric, the same dtype.
void add_gram_gradient_(at::Tensor& gradient, const at::Tensor& features, const at::Tensor& factor,
                        bool through_relu);

}  // namespace styletransfer::detail
