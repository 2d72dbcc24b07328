// Total variation loss.
#pragma once

#include <ATen/core/Tensor.h>

#include "device/deferred_number.h"

namespace styletransfer {

/// Total variation (squared): the mean squared difference of neighboring pixels, summed over both
/// directions. With `chroma_only`, only the component in the plane of the axes (1, 0, -1) / sqrt 2
/// and (1, -2, 1) / sqrt 6 of RGB counts: color noise is penalized, brightness edges are not. In:
/// [h, w, 3] float32 (or float64). Adds weight * gradient to `gradient` (same shape) and returns
/// the weighted value. A direction in which the image has only one pixel contributes 0.
[[nodiscard]] DeferredNumber add_total_variation(const at::Tensor& image_rgb01, bool chroma_only,
                                                 double weight, at::Tensor& gradient);

}  // namespace styletransfer
