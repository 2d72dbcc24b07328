// Pictures as tensors and back.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "styletransfer/image.h"
#include "styletransfer/mask.h"

namespace styletransfer::detail {

/// [height, width, 3] float32 on the CPU; a copy. Alpha is left behind.
[[nodiscard]] at::Tensor tensor_from_image(const Image& image);

/// [height, width] float32 opacities on the CPU; undefined when the picture has none.
[[nodiscard]] at::Tensor alpha_from_image(const Image& image);

/// [height, width] float32 on the CPU: the mask at this size.
[[nodiscard]] at::Tensor tensor_from_mask(const Mask& mask, Size size);

/// The picture without alpha, its clear pixels in the mean colour of the opaque ones, so that
/// whatever a file holds under them does not show in the network's surroundings.
[[nodiscard]] Image without_clear_pixels(const Image& image);

/// The picture continued by its mirror image on every side (the edge itself not repeated).
/// In: [h, w, 3], both sides above `margin_px`. Out: [h + 2 margin, w + 2 margin, 3].
[[nodiscard]] at::Tensor with_margin(const at::Tensor& picture_rgb01, int margin_px);
[[nodiscard]] at::Tensor without_margin(const at::Tensor& picture_rgb01, int margin_px);

/// In: [height, width, 3], any device; values are kept in 0..1.
[[nodiscard]] Image image_from_tensor(const at::Tensor& picture_rgb01);

/// Mid-grey with a little normal noise; the same for the same seed on every device.
[[nodiscard]] Image noise_image(Size size, std::uint64_t seed);

/// Same size, and a root mean square difference below three 8-bit levels: two readings of one
/// picture, reduced by different paths.
[[nodiscard]] bool nearly_same(const Image& a, const Image& b);

/// The picture with the content's alpha, resized, if the content has one.
[[nodiscard]] Image with_alpha_of(Image picture, const Image& content);

}  // namespace styletransfer::detail
