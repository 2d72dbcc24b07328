// The product under a Gram matrix.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// F^T F. In: F [positions, C], contiguous, float32, bfloat16 or float64.
/// Out: [C, C]; float32 for bfloat16 input (summed in float32 over pieces of positions, so that
/// no rounding of a sum to bfloat16 remains in it), else the input's dtype.
[[nodiscard]] at::Tensor gram_product(const at::Tensor& features);

}  // namespace styletransfer::detail
