// The gradient of a Gram loss by products of 16-bit integers: one pass over the features, with the
// ReLU's gradient folded in.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// float32 on the CPU, with a number of channels that is a multiple of 32.
[[nodiscard]] bool gram_integers_usable(const at::Tensor& features);

/// gradient += F S, in place, and with `through_relu` times (F > 0) after that.
/// In: gradient and F [positions, C], contiguous; S [C, C] symmetric; float32. Each position and
/// each column of S has a scale of its own.
void add_gram_gradient_in_int16_(at::Tensor& gradient, const at::Tensor& features,
                                 const at::Tensor& factor, bool through_relu);

}  // namespace styletransfer::detail
