// Elementwise operations of an evaluation: ReLU gradients, 2x2 pooling, squared differences.
//
// Each function computes the same on every device. On the CPU, for contiguous float32 and bfloat16,
// it is a single pass over memory (these operations are limited by memory bandwidth); elsewhere it
// is composed of LibTorch operations.
//
// Feature tensors are [rows, width, channels], contiguous; dtype float32, bfloat16 or, in tests,
// float64.
#pragma once

#include <ATen/core/Tensor.h>

#include "device/deferred_number.h"

namespace styletransfer::detail {

enum class PoolKind { kMax, kAverage };

/// gradient *= (activation > 0), in place. Same shape and dtype.
void relu_backward_(const at::Tensor& gradient, const at::Tensor& activation);

/// max(value, 0), converted to `dtype`; any shape.
[[nodiscard]] at::Tensor relu_as(const at::Tensor& value, c10::ScalarType dtype);

/// Max or average pooling (max_pool2d, avg_pool2d), 2x2 with stride 2; an odd last row or column is
/// dropped, as in VGG (ceil_mode = false). In: [h, w, c]. Out: written to `pooled` [h / 2, w / 2,
/// c].
void pool_2x2(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled);

/// Sum of (a - b)^2 over all elements. CPU: accumulated in float32 within a row (16 partial sums)
/// and in float64 over rows; other devices: LibTorch's reduction in float64 (float32 on MPS).
[[nodiscard]] DeferredNumber squared_distance(const at::Tensor& a, const at::Tensor& b);

/// gradient += factor * (a - b), in place.
void add_scaled_difference_(at::Tensor& gradient, const at::Tensor& a, const at::Tensor& b,
                            double factor);

}  // namespace styletransfer::detail
