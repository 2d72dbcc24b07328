// Gradient of a Gram loss in 16-bit integer arithmetic, for float32 features on CPUs without AMX.
//
// One pass over the features; the ReLU's gradient is applied in the same pass. AVX-512 VNNI
// performs twice as many 16-bit multiply-adds per instruction as float32 ones.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// True if the features are float32 on the CPU and the number of channels is a multiple of 32.
[[nodiscard]] bool gram_int16_usable(const at::Tensor& features);

/// gradient += F S, in place; with `through_relu` the sum is then multiplied by (F > 0).
/// In: gradient and F [positions, C], contiguous; S (`factor`) [C, C], symmetric; all float32. F is
/// quantized with one scale per position, S with one per column.
void add_gram_gradient_in_int16_(at::Tensor& gradient, const at::Tensor& features,
                                 const at::Tensor& factor, bool through_relu);

}  // namespace styletransfer::detail
