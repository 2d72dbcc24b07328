// What the backward sweep needs to know of features that nobody looks at: not the features, only
// where a gradient passes through the ReLU and the pooling that they went through. One bit a value
// instead of 16 or 32.
//
// A mask of features [rows, width, channels] is a tensor [rows, width, bytes]. On the CPU, for
// float32 and bfloat16, `bytes` is channels / 8, rounded up, and channel c is bit c % 8 of byte
// c / 8; elsewhere a mask has one bool for each value.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/kernels.h"

namespace styletransfer::detail {

/// Bytes of a mask for one position.
[[nodiscard]] int64_t mask_bytes(int64_t channels, c10::ScalarType type, c10::Device device);

/// Room for the mask of such features.
[[nodiscard]] at::Tensor empty_mask(int64_t rows, int64_t width, int64_t channels,
                                    const at::TensorOptions& features);

/// Whether a picture that is walked through in one piece leaves its features behind instead of
/// masks of them: elsewhere than on the CPU, where every further operation has a price of its own.
/// Such features are masks too: what passes is where they are positive.
[[nodiscard]] bool shares_features(c10::ScalarType type, c10::Device device);

/// The gradient of a ReLU passes where its result is positive.
void mark_positive(const at::Tensor& features, const at::Tensor& mask);

/// pool_2x2, with its mask. Max: the gradient passes at the first of the largest, row by row;
/// average: everywhere; with `through_relu` at positive values only. In: features [h, w, c]. Out:
/// pooled [h / 2, w / 2, c], mask of [h, w, c], whose odd last row and column nobody reads.
void pool_and_mark(PoolKind kind, const at::Tensor& features, bool through_relu,
                   const at::Tensor& pooled, const at::Tensor& mask);

/// What a pooling leaves behind where features are shared (shares_features).
struct WholePooling {
  at::Tensor indices;  // max: as pool_with_indices has them
  /// Where a ReLU comes before: max: the pooled features; average: the ReLU's.
  at::Tensor relu;
};

/// Max pooling. Written to pooled [h / 2, w / 2, c]; returns where each value was found, of the
/// same shape, as row * w + column. In: features [h, w, c].
[[nodiscard]] at::Tensor pool_with_indices(const at::Tensor& features, const at::Tensor& pooled);

/// As unpool, for all rows at once. Max pooling with a ReLU changes `pooled_gradient`.
void unpool_whole(PoolKind kind, const at::Tensor& pooled_gradient, const WholePooling& pooling,
                  const at::Tensor& gradient);

/// gradient = 0 where it does not pass, in place. mask: also features (shares_features).
void pass_(const at::Tensor& gradient, const at::Tensor& mask);

/// The gradient of a pooling's input, and with its mask of the ReLU before it, on the rows from
/// `first_row` on. In: pooled_gradient [h / 2, w / 2, c], mask of [h, w, c]. Out: written to every
/// element of `gradient` [rows, w, c].
void unpool(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask,
            int64_t first_row, const at::Tensor& gradient);

}  // namespace styletransfer::detail
