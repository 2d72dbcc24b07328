// Pictures to a painting network's values and back.
#pragma once

#include <ATen/core/Tensor.h>

#include "styletransfer/image.h"
#include "styletransfer/painting_network.h"

namespace styletransfer::detail {

/// The next larger (or same) size of which both sides are multiples.
[[nodiscard]] Size rounded_up(Size size, int multiple_of);

/// [1, 3, h, w] float32 on the CPU: the picture's colours as the convention has them, continued at
/// the right and below by mirroring to multiples of convention.multiple_of.
[[nodiscard]] at::Tensor network_input(const Image& picture, const PaintingConvention& convention);

/// From [1, 3, h, w] with at least `size`, any device; what is beyond is cut off.
[[nodiscard]] PaintedPicture image_from_output(const at::Tensor& output,
                                               const PaintingConvention& convention, Size size);

}  // namespace styletransfer::detail
