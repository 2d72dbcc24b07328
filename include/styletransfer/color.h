// Layer 1: colours of whole pictures: what they are on the whole, how to keep or exchange them.
// All on the encoded sRGB values, as in a file.
#pragma once

#include <array>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// Whose colours the result has.
enum class Colors {
  /// The style's, painted as the network asks.
  kStyle,
  /// The content's chroma exactly (with_chroma_of); only brightness is painted.
  kContent,
  /// The style pictures get the content's mean and covariance before the run (recolored).
  kContentStatistics,
  /// The content with the style's mean and covariance; nothing is painted.
  kStyleOnly,
  /// The content's lightness (luma01) in the style's chroma; nothing is painted.
  kStyleChroma,
  /// Greys, R = G = B; only brightness is painted.
  kNeutral,
};

/// Mean and covariance of R G B; a pixel counts as much as it is opaque.
struct ColorStatistics {
  std::array<double, 3> mean01{0.5, 0.5, 0.5};
  /// 3 x 3, by rows.
  std::array<double, 9> covariance{};
};

/// A picture that is clear everywhere: mid-grey without spread.
[[nodiscard]] ColorStatistics color_statistics(const Image& image);

/// Statistics of a mixture of pictures. shares: one each, 0 or more, their sum above 0.
[[nodiscard]] ColorStatistics mixed(const std::vector<ColorStatistics>& parts,
                                    const std::vector<double>& shares);

/// The picture with its colours carried from one mean and covariance to another, by the linear map
/// that moves colours least: rgb -> to.mean + T (rgb - from.mean). 1e-4 (2.5 of 255, squared) is
/// added to both covariances' diagonals, so that grey or plain pictures give finite maps that
/// neither invent colours nor blow up noise more than they must; equal statistics change nothing.
/// Values are cut to 0..1. Source of T: detail/gaussian_transport.h. Source of matching styles to
/// the content: Gatys et al. 2017, "Controlling perceptual factors in neural style transfer", 4.1.
/// Departs: its maps are matrix roots or Cholesky factors, which may turn hues about.
[[nodiscard]] Image recolored(const Image& image, const ColorStatistics& from,
                              const ColorStatistics& to);

/// Whether the result is the content recoloured, without a run.
[[nodiscard]] constexpr bool only_recolors(Colors colors) {
  return colors == Colors::kStyleOnly || colors == Colors::kStyleChroma;
}

/// The same map, but every pixel keeps its luma01: the mapped pixel's differences from its own luma
/// (its chroma) are added to the picture's. Where that leaves 0..1, the chroma is scaled down, hue
/// and luma stay.
[[nodiscard]] Image recolored_keeping_luma(const Image& image, const ColorStatistics& from,
                                           const ColorStatistics& to);

/// The picture in greys, R = G = B = luma01. Alpha stays.
[[nodiscard]] Image in_greys(const Image& image);

/// 0.299 R + 0.587 G + 0.114 B; of a grey exactly its value.
[[nodiscard]] float luma01(const float* rgb01);

/// The picture's brightness in the content's colours: every pixel is the content's plus one amount
/// on R, G and B alike, so any chroma that is made of differences (B - Y, R - Y; Cb, Cr; I, Q) is
/// exactly the content's. The amount makes the luma the picture's, as far as all three stay in
/// 0..1; beyond that the luma gives way, never the chroma.
/// In: one size. Alpha is the picture's. Source: Gatys et al. 2017 (see above), 4.2, in YIQ.
[[nodiscard]] Image with_chroma_of(const Image& picture, const Image& content);

}  // namespace styletransfer
