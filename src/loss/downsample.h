// Box downsampling of an image with a reflected margin, and its transpose for gradients.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// In: [h + 2 margin, w + 2 margin, 3], with h and w at least `factor`.
/// Out: the mean of each box of factor x factor pixels of the image without its margin,
/// [h / factor, w / factor, 3] rounded down, with a new reflected margin of `margin_px` around it.
/// Rows and columns that do not fill a box are dropped, half of them on each side.
[[nodiscard]] at::Tensor box_downsampled(const at::Tensor& padded_rgb01, int factor, int margin_px);

/// The transpose of box_downsampled. reduced_gradient: shape of its result; gradient: shape of its
/// input, contiguous; is added to.
void add_box_downsampled_gradient(const at::Tensor& reduced_gradient, int factor, int margin_px,
                                  at::Tensor& gradient);

}  // namespace styletransfer::detail
