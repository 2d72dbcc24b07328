// The in-memory image type. No file formats, no tensors.
#pragma once

#include <vector>

namespace styletransfer {

/// Width and height in pixels.
struct Size {
  int width_px = 0;
  int height_px = 0;

  friend bool operator==(const Size&, const Size&) = default;
};

/// An upright image in sRGB (encoded values, as in a file; not linear light).
struct Image {
  Size size;
  /// height x width x 3 values, row-major from the top, R G B interleaved, 0..1.
  std::vector<float> rgb01;
  /// height x width opacities, 0 (transparent) .. 1 (opaque); empty when the image has no alpha.
  /// Colors are not premultiplied.
  std::vector<float> alpha01;

  [[nodiscard]] bool empty() const { return rgb01.empty(); }
  [[nodiscard]] bool has_alpha() const { return !alpha01.empty(); }
};

/// Returns the size with the same proportions whose long side is `long_edge_px`. This is the
/// program's only rounding rule: the short side is short * long_edge / long, rounded half up, at
/// least 1.
[[nodiscard]] Size size_with_long_edge(Size size, int long_edge_px);

/// Resizes the image: area average when shrinking (no aliasing), bicubic when enlarging, values
/// clamped to 0..1. Colors of transparent pixels do not bleed into opaque ones.
[[nodiscard]] Image resized(const Image& image, Size size);

/// Composites the image onto a plain background, without alpha. `background01` is one gray for R,
/// G, B.
[[nodiscard]] Image flattened(const Image& image, float background01 = 1.0F);

/// Luma of the R, G, B at `rgb01`: 0.299 R + 0.587 G + 0.114 B. For a gray it is exactly the gray's
/// value, so that luma plus chroma reproduces the image exactly.
[[nodiscard]] inline float luma01(const float* rgb01) {
  if (rgb01[0] == rgb01[1] && rgb01[0] == rgb01[2]) return rgb01[0];
  return 0.299F * rgb01[0] + 0.587F * rgb01[1] + 0.114F * rgb01[2];
}

}  // namespace styletransfer
