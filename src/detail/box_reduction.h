// A picture reduced by the mean of square boxes, with the mirrored margin of its own size, and the
// way back for gradients.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// In: [h + 2 margin, w + 2 margin, 3], both sides of the picture at least `factor`.
/// Out: the mean of each box of factor x factor pixels of the picture without its margin,
/// [h / factor, w / factor, 3] rounded down (rows and columns that fill no box are left out, alike
/// on both sides), with a mirrored margin of as many pixels around it.
[[nodiscard]] at::Tensor box_reduced(const at::Tensor& wide_rgb01, int factor, int margin_px);

/// The transpose of box_reduced: `reduced_gradient` as its result. Adds to `gradient`, which is as
/// its picture and contiguous.
void add_box_reduced_gradient(const at::Tensor& reduced_gradient, int factor, int margin_px,
                              at::Tensor& gradient);

}  // namespace styletransfer::detail
