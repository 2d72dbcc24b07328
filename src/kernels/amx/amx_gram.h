// Gram matrix F^T F and its gradient for bfloat16 features on AMX tiles.
//
// Both read the features once and sum in float32. The Gram matrix computes only its upper triangle;
// the gradient applies the ReLU's gradient in the same pass.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// True if AMX is usable and the features are bfloat16 on the CPU, [positions, C], contiguous, with
/// C a multiple of 64.
[[nodiscard]] bool amx_gram_usable(const at::Tensor& features);

/// gram_product (loss/gram_product.h) for these features; returns float32 [C, C].
[[nodiscard]] at::Tensor amx_gram_product(const at::Tensor& features, const at::Tensor& weights);

/// add_gram_gradient_ (loss/gram_product.h) for these features; gradient bfloat16 [positions, C].
void add_amx_gram_gradient_(at::Tensor& gradient, const at::Tensor& features,
                            const at::Tensor& factor, bool through_relu, const at::Tensor& weights);

}  // namespace styletransfer::detail
