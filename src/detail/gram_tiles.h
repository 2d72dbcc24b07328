// The Gram products on bf16 tiles: one pass over the features, float32 sums, half the products left
// out by symmetry, the ReLU's gradient folded in.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// bfloat16 on the CPU, [positions, C] contiguous with C a multiple of 64, and tiles to be had.
[[nodiscard]] bool gram_tiles_usable(const at::Tensor& features);

/// As gram_product; float32.
[[nodiscard]] at::Tensor gram_product_on_tiles(const at::Tensor& features,
                                               const at::Tensor& weights);

/// As add_gram_gradient_.
void add_gram_gradient_on_tiles_(at::Tensor& gradient, const at::Tensor& features,
                                 const at::Tensor& factor, bool through_relu,
                                 const at::Tensor& weights);

}  // namespace styletransfer::detail
