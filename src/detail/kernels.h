// What an evaluation does besides convolutions and matrix products: activation gradients, pooling,
// differences. Each function has one meaning on every device; on the CPU, for float32 and bfloat16,
// it runs in one pass over memory, elsewhere it is written in LibTorch operations.
//
// Feature tensors are [rows, width, channels], contiguous; dtype float32, bfloat16 or (tests)
// float64.
#pragma once

#include <ATen/core/Tensor.h>

#include "styletransfer/deferred_number.h"

namespace styletransfer::detail {

enum class PoolKind { kMax, kAverage };

/// gradient *= (activation > 0), in place. Same shape and dtype.
void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation);

/// max(value, 0) in the wanted dtype.
[[nodiscard]] at::Tensor relu_as(const at::Tensor& value, c10::ScalarType dtype);

/// 2x2 pooling with stride 2; an odd last row or column is left out (as the networks do).
/// In: [h, w, c]. Out: written to `pooled` [h / 2, w / 2, c].
void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled);

/// sum of (a - b)^2, accumulated in float32 per row and in float64 over rows; elsewhere than on the
/// CPU by the device's own product.
[[nodiscard]] DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b);

/// gradient += factor * (a - b), in place.
void add_scaled_difference_(at::Tensor& gradient, const at::Tensor& a, const at::Tensor& b,
                            double factor);

}  // namespace styletransfer::detail
