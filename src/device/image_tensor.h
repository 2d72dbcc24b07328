// Conversions between images and tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "styletransfer/image.h"
#include "styletransfer/mask.h"

namespace styletransfer::detail {

/// Copies the colors to a tensor [height, width, 3], float32 on the CPU. Alpha is dropped.
[[nodiscard]] at::Tensor tensor_from_image(const Image& image);

/// The image's alpha as [height, width] float32 on the CPU; undefined if it has none.
[[nodiscard]] at::Tensor alpha_from_image(const Image& image);

/// The mask resized to `size`, [height, width] float32 on the CPU.
[[nodiscard]] at::Tensor tensor_from_mask(const Mask& mask, Size size);

/// Drops alpha and fills fully transparent pixels with the mean color (weighted by alpha) of the
/// others, so that hidden colors under them do not influence the features of their surroundings.
[[nodiscard]] Image fill_transparent(const Image& image);

/// Reflection padding by `margin_px` on every side (the edge pixel is not repeated).
/// In: [h, w, 3], both sides above `margin_px`. Out: [h + 2 margin, w + 2 margin, 3].
[[nodiscard]] at::Tensor with_margin(const at::Tensor& image_rgb01, int margin_px);
/// Crops `margin_px` pixels from every side.
[[nodiscard]] at::Tensor without_margin(const at::Tensor& image_rgb01, int margin_px);

/// In: [height, width, 3], any device and dtype; values are clamped to 0..1.
[[nodiscard]] Image image_from_tensor(const at::Tensor& image_rgb01);

/// Normal noise with mean 0.5 and standard deviation 0.05. Generated on the CPU, so a seed gives
/// the same image for every device.
[[nodiscard]] Image noise_image(Size size, std::uint64_t seed);

/// True if the sizes are equal and the root mean square difference is below 3/255: likely the same
/// image, downscaled by different code paths.
[[nodiscard]] bool nearly_same(const Image& a, const Image& b);

/// Returns `image` with the alpha channel of `content` (if it has one), resized to the image.
[[nodiscard]] Image with_alpha_of(Image image, const Image& content);

}  // namespace styletransfer::detail
