// Activation masks: one bit per value that says whether a gradient passes through ReLU and pooling.
//
// For a layer without a hook the backward pass does not need the features, only where they were
// positive (ReLU) and where the maximum was (pooling). A mask takes one bit per value instead of
// the 16 or 32 of the features themselves.
//
// Layout: the mask of features [rows, width, channels] is a tensor [rows, width, bytes]. On the
// CPU, for float32 and bfloat16, it is uint8 with bytes = ceil(channels / 8), and channel c is bit
// c % 8 of byte c / 8: 32 channels are one little-endian word, which AVX-512 loads directly as a
// mask register. On other devices and dtypes a mask has one bool per value.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/elementwise.h"

namespace styletransfer::detail {

/// Bytes of a mask per position (pixel).
[[nodiscard]] int64_t mask_bytes(int64_t channels, c10::ScalarType type, c10::Device device);

/// An uninitialized mask for features [rows, width, channels] of dtype and device `features`.
[[nodiscard]] at::Tensor empty_mask(int64_t rows, int64_t width, int64_t channels,
                                    const at::TensorOptions& features);

/// True where an image that is processed as a single strip saves the features themselves instead of
/// masks: everywhere except float32 and bfloat16 on the CPU, because on a GPU every additional
/// operation costs a kernel launch. Saved features serve as masks: the gradient passes where they
/// are positive.
[[nodiscard]] bool shares_features(c10::ScalarType type, c10::Device device);

/// Fills `mask` with features > 0, which is where the gradient of a ReLU passes.
/// In: features [rows, width, channels], the ReLU's input or output.
void make_relu_mask(const at::Tensor& features, const at::Tensor& mask);

/// pool_2x2 that also fills the mask of the pooling and, with `through_relu`, of the ReLU before
/// it. Max: the gradient passes at the maximum of each 2x2 cell (the first one, in row-major order,
/// if there are several); average: everywhere. With `through_relu` only positive values pass. In:
/// features [h, w, c]. Out: written to pooled [h / 2, w / 2, c] and to mask of [h, w, c], whose odd
/// last row and column are undefined and must not be read.
void pool_with_mask(PoolKind kind, const at::Tensor& features, bool through_relu,
                    const at::Tensor& pooled, const at::Tensor& mask);

/// Tensors a pooling saves for the backward pass where shares_features().
struct WholePooling {
  at::Tensor indices;  // max pooling only: the result of pool_with_indices
  /// Defined if a ReLU comes before the pooling. Max: the pooled features; average: the ReLU's
  /// output.
  at::Tensor relu;
};

/// Max pooling that returns the position of each maximum as row * w + column, int64
/// [h / 2, w / 2, c]. In: features [h, w, c]. Out: written to pooled [h / 2, w / 2, c].
[[nodiscard]] at::Tensor pool_with_indices(const at::Tensor& features, const at::Tensor& pooled);

/// unpool for a whole image at once, from WholePooling instead of a mask. Max pooling with a ReLU
/// overwrites `pooled_gradient`.
void unpool_whole(PoolKind kind, const at::Tensor& pooled_gradient, const WholePooling& pooling,
                  const at::Tensor& gradient);

/// gradient = 0 where the mask is not set, in place. `mask` may also be features, where
/// shares_features().
void apply_mask_(const at::Tensor& gradient, const at::Tensor& mask);

/// Backward pass of a pooling (and of the ReLU before it, if the mask includes one) for the input
/// rows first_row .. first_row + rows - 1. In: pooled_gradient [h / 2, w / 2, c], mask of [h, w,
/// c]. Out: written to every element of `gradient` [rows, w, c].
void unpool(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask,
            int64_t first_row, const at::Tensor& gradient);

}  // namespace styletransfer::detail
