// Transforms of the Winograd F(4x4, 3x3) convolution on the CPU: input, kernels and output.
//
// Y = A^T [(G g G^T) .* (B^T d B)] A for a tile d of 6x6 input pixels, a 3x3 kernel g and 4x4
// output pixels Y. In one dimension this is the transpose of Toom-Cook multiplication of
// polynomials at six points: G evaluates the kernel at the points, B^T is the transposed
// interpolation and A^T the transposed evaluation. In two dimensions there are 36 pairs of a row
// point and a column point; each is called a plane.
//
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016). Departs: uses
// the points 0, +-1, 1/2, -2 and infinity instead of 0, +-1, +-2 and infinity, which reduces the
// rounding error to two thirds (Barabasz et al., "Error Analysis and Improving the Accuracy of
// Winograd Convolution for Deep Neural Networks", 2020). With 1 among the points, a uniform area of
// the image stays exactly uniform: the input transform gives exactly 0 at all other points, so that
// max pooling sees true ties.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/winograd/packed_gemm.h"

namespace styletransfer::detail::cpu {

/// Width and height of a tile's output in pixels.
constexpr std::int64_t kWinogradOutput = 4;
/// Width and height of a tile's input in pixels, and the number of evaluation points: 4 + 3 - 1.
constexpr std::int64_t kWinogradInput = 6;
/// Output pixels per tile.
constexpr std::int64_t kWinogradPixels = kWinogradOutput * kWinogradOutput;
/// Planes: pairs of points, and matrix products.
constexpr std::int64_t kWinogradProducts = kWinogradInput * kWinogradInput;
/// Channels that a transform processes at a time: one AVX-512 register.
constexpr std::int64_t kWinogradLanes = 16;

/// Orientation of the kernels: as they are (forward pass), or rotated by 180 degrees with input and
/// output channels exchanged (backward pass with respect to the input).
enum class WinogradKernel { kForward, kBackwardData };

/// Kernel transform G g G^T, computed in float64. A rotated kernel has the same values at the
/// inverses of the points, so kBackwardData uses the inverse points and the same transformed
/// kernels. In: kPanelColumns kernels [3, 3], `pitch` floats apart. Out: for plane p, kPanelColumns
/// values at row + p * plane: one row of a panel per plane.
void winograd_kernels(const float* kernels, std::int64_t pitch, float* row, std::int64_t plane);

/// Layout of transformed tiles: 36 planes of [tiles, columns], each stored in slices of
/// kWinogradLanes columns, [columns / 16, tiles, 16], as gemm_panel takes and returns them. A
/// column is a channel or, for integers, a pair of channels.
struct WinogradPlanes {
  std::int64_t tiles;
  std::int64_t columns;  // a multiple of kWinogradLanes

  /// Values from one slice to the next.
  [[nodiscard]] std::int64_t slice() const { return tiles * kWinogradLanes; }
  /// Values from one plane to the next, padded by one cache line: a transform accesses all 36
  /// planes at once, and at a distance of a power of two they would all map to the same cache set.
  [[nodiscard]] std::int64_t plane() const { return tiles * columns + kWinogradLanes; }
  /// Values of all planes together.
  [[nodiscard]] std::int64_t size() const { return kWinogradProducts * plane(); }
};

/// Input transform B^T d B of one tile. In: pointers to the tile's 6x6 pixels in row-major order,
/// `columns` channels each, and to those of the next tile, which are prefetched. Out: written to
/// the 36 planes; `to` is the tile's first value in plane 0.
void winograd_input(const float* const pixels[kWinogradProducts],
                    const float* const next[kWinogradProducts], WinogradPlanes planes,
                    WinogradKernel kernel, float* to);

/// Floats of scratch memory (`scratch`) that winograd_input_pairs needs.
[[nodiscard]] constexpr std::int64_t winograd_pairs_scratch(std::int64_t channels) {
  return kWinogradProducts * channels;
}

/// Input transform, quantized to pairs of 16-bit integers (kernels/winograd/packed_gemm.h) of
/// magnitude at most kMaxLhs. One scale serves the whole tile: integer * scale is the transformed
/// value times the winograd_gain() of its row and column point. If a value of the tile is not
/// finite, neither is the scale.
void winograd_input_pairs(const float* const pixels[kWinogradProducts],
                          const float* const next[kWinogradProducts], WinogradPlanes planes,
                          WinogradKernel kernel, float* scratch, Int16x2* to, float* scale);

/// Factors by which the integer input transform scales the six points so that all planes have about
/// the same magnitude and share one quantization scale well. Powers of two, so scaling is exact.
[[nodiscard]] std::array<float, kWinogradInput> winograd_gain(WinogradKernel kernel);

/// Output transform A^T m A of one tile, plus bias and ReLU. In: `from`, the tile's first product
/// in plane 0; bias [columns] or null. Out: written to the tile's 4x4 pixels, given as pointers in
/// row-major order, `columns` channels each; null pixels (outside the image) are skipped. `next`:
/// the pixels of the next tile, prefetched for writing.
void winograd_output(const float* from, WinogradPlanes planes, WinogradKernel kernel,
                     const float* bias, bool relu, float* const pixels[kWinogradPixels],
                     const float* const next[kWinogradPixels]);

}  // namespace styletransfer::detail::cpu
