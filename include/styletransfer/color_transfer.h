// Color statistics and color transfer of whole images, computed on encoded sRGB values as stored in
// a file.
#pragma once

#include <array>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// Source of the result's colors.
enum class Colors {
  /// The style's, as the network paints them.
  kStyle,
  /// The content's chroma exactly (with_chroma_of); only brightness is stylized.
  kContent,
  /// The style images are given the content's mean and covariance before the run
  /// (match_color_statistics).
  kContentStatistics,
  /// The content image with the style's mean and covariance; no optimization.
  kStyleOnly,
  /// The content's luma (luma01) with the style's chroma; no optimization.
  kStyleChroma,
  /// Grays, R = G = B; only brightness is stylized.
  kNeutral,
};

/// Mean and covariance of R, G, B, with each pixel weighted by its opacity.
struct ColorStatistics {
  std::array<double, 3> mean01{0.5, 0.5, 0.5};
  /// 3 x 3, row-major.
  std::array<double, 9> covariance{};
};

/// Returns the image's statistics. A fully transparent image counts as mid-gray with zero
/// covariance.
[[nodiscard]] ColorStatistics color_statistics(const Image& image);

/// Returns the statistics of a mixture of images. `shares`: one per image, each >= 0, with a
/// positive sum.
[[nodiscard]] ColorStatistics mixed(const std::vector<ColorStatistics>& parts,
                                    const std::vector<double>& shares);

/// Maps the image's colors from one mean and covariance to another by the linear map that moves
/// colors least: rgb -> to.mean + T (rgb - from.mean). 1e-4 (2.5 of 255, squared) is added to the
/// diagonals of both covariances, so that gray or uniform images give finite maps that neither
/// invent colors nor amplify noise more than necessary; equal statistics leave the image unchanged.
/// Values are clamped to 0..1. Source of T: loss/style/gaussian_transport.h. Source of matching the
/// styles to the content: Gatys et al. 2017, "Controlling perceptual factors in neural style
/// transfer", 4.1. Departs: the paper uses matrix square roots or Cholesky factors, which may
/// rotate hues.
[[nodiscard]] Image match_color_statistics(const Image& image, const ColorStatistics& from,
                                           const ColorStatistics& to);

/// Returns true if the result is the content with other colors, computed without optimization.
[[nodiscard]] constexpr bool only_transfers_colors(Colors colors) {
  return colors == Colors::kStyleOnly || colors == Colors::kStyleChroma;
}

/// Applies the map of match_color_statistics, but every pixel keeps its luma01: the mapped pixel's
/// differences from its own luma (its chroma) are added to the original luma. Where that leaves
/// 0..1, the chroma is scaled down; hue and luma are preserved.
[[nodiscard]] Image match_color_statistics_keeping_luma(const Image& image,
                                                        const ColorStatistics& from,
                                                        const ColorStatistics& to);

/// Converts the image to grays, R = G = B = luma01. Alpha is preserved.
[[nodiscard]] Image to_grayscale(const Image& image);

/// Luminance-only transfer, which preserves the original colors: the image's brightness with the
/// content's colors. Every pixel is the content's plus the
/// same amount on R, G and B, so any chroma defined by differences (B - Y, R - Y; Cb, Cr; I, Q) is
/// exactly the content's. The amount makes the luma the image's as far as all three channels stay
/// in 0..1; beyond that luma is sacrificed, never chroma. Both images must have the same size.
/// Alpha is the image's. Source: Gatys et al. 2017 (see above), 4.2, in YIQ.
[[nodiscard]] Image with_chroma_of(const Image& image, const Image& content);

}  // namespace styletransfer
