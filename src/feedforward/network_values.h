// Conversion between images and a feed-forward network's values.
#pragma once

#include <ATen/core/Tensor.h>

#include "styletransfer/feed_forward_network.h"
#include "styletransfer/image.h"

namespace styletransfer::detail {

/// Rounds both sides up to multiples.
[[nodiscard]] Size rounded_up(Size size, int multiple_of);

/// [1, 3, h, w] float32 on the CPU: the image's colors in the network's convention, reflect-padded
/// at the right and bottom to multiples of convention.multiple_of.
[[nodiscard]] at::Tensor network_input(const Image& image, const NetworkConvention& convention);

/// In: [1, 3, h, w], at least as large as `size`, any device; crops to `size`.
[[nodiscard]] NetworkOutput image_from_output(const at::Tensor& output,
                                              const NetworkConvention& convention, Size size);

}  // namespace styletransfer::detail
