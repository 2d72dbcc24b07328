// Layer 0: the picture in memory. No file formats, no tensors.
#pragma once

#include <vector>

namespace styletransfer {

/// Width and height in pixels.
struct Size {
  int width_px = 0;
  int height_px = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

/// An upright picture in sRGB (the encoded values, as in a file; not linear light).
struct Image {
  Size size;
  /// height x width x 3 values, rows from the top, R G B interleaved, 0..1.
  std::vector<float> rgb01;
  /// height x width opacities, 0 (clear) .. 1 (opaque); empty when the picture has no alpha.
  /// Colours are not premultiplied.
  std::vector<float> alpha01;

  [[nodiscard]] bool empty() const { return rgb01.empty(); }
  [[nodiscard]] bool has_alpha() const { return !alpha01.empty(); }
};

/// The size with the same proportions whose long side is `long_edge_px`. The one rounding rule of
/// the program: the short side is short * long_edge / long, rounded half up, at least 1.
[[nodiscard]] Size size_with_long_edge(Size size, int long_edge_px);

/// The picture at another size: area average when shrinking (no aliasing), bicubic when enlarging,
/// values kept in 0..1. Colours of transparent pixels do not bleed into opaque ones.
[[nodiscard]] Image resized(const Image& image, Size size);

/// The picture laid on a plain background, without alpha. `background01` is one grey for R, G, B.
[[nodiscard]] Image flattened(const Image& image, float background01 = 1.0F);

}  // namespace styletransfer
