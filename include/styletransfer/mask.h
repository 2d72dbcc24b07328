// Grayscale masks that weight each pixel of an image.
#pragma once

#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// One gray per pixel, 0 (black: excluded) .. 1 (white: included).
struct Mask {
  Size size;
  /// height x width values, row-major from the top.
  std::vector<float> gray01;

  [[nodiscard]] bool empty() const { return gray01.empty(); }
};

/// Converts an image to a mask: the luma of its encoded values (0.299 R + 0.587 G + 0.114 B), so
/// that a gray of 50 % in an image editor is 0.5 here, times the opacity. Grays closer than 1/512
/// to black or white are snapped to them: a mask that was white in its file is exactly 1.
[[nodiscard]] Mask mask_from_image(const Image& image);

/// Resizes the mask: area average when shrinking, bicubic when enlarging. White areas stay exactly
/// 1, black ones exactly 0.
[[nodiscard]] Mask resized(const Mask& mask, Size size);

/// Returns true if every pixel is 0.
[[nodiscard]] bool is_black(const Mask& mask);
/// Returns true if every pixel is 1.
[[nodiscard]] bool is_white(const Mask& mask);

}  // namespace styletransfer
