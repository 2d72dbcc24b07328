// Layer 1: a mask says how much each place of a picture is meant.
#pragma once

#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// One grey a pixel: 0 (black: not meant) .. 1 (white: meant).
struct Mask {
  Size size;
  /// height x width values, rows from the top.
  std::vector<float> grey01;

  [[nodiscard]] bool empty() const { return grey01.empty(); }
};

/// The brightness of a picture's encoded values (0.299 R + 0.587 G + 0.114 B), so that a grey of 50
/// % in an image editor is 0.5 here, times its opacity. Greys closer than 1/512 to black or white
/// are these: a mask that was white in its file is exactly 1.
[[nodiscard]] Mask mask_from_image(const Image& image);

/// The mask stretched to another size: area average when shrinking, bicubic when enlarging. White
/// areas stay exactly 1, black ones exactly 0.
[[nodiscard]] Mask resized(const Mask& mask, Size size);

/// Whether no place is meant.
[[nodiscard]] bool is_black(const Mask& mask);
/// Whether every place is meant fully.
[[nodiscard]] bool is_white(const Mask& mask);

}  // namespace styletransfer
