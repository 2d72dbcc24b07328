// Winograd's minimal filtering F(4x4, 3x3): what a tile of 6x6 input pixels, or of 36 products,
// goes through before and after the matrix products. Plain loops for the CPU.
//
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), with other
// points in place of 0, +-1, +-2 and infinity: 0, +-1, 1/2, -2 and infinity make two thirds of the
// rounding error (Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd
// Convolution for Deep Neural Networks", 2020). With 1 among the points an even area stays exactly
// even: all other points give exactly 0 there, so that pooling finds the ties that are there.
#pragma once

#include <array>
#include <cstdint>

#include "detail/panel_product.h"

namespace styletransfer::detail::cpu {

/// Output pixels of a tile, across and down.
constexpr std::int64_t kWinogradOutput = 4;
/// Input pixels of a tile, across and down; as many points as the algorithm evaluates at.
constexpr std::int64_t kWinogradInput = 6;
/// Output pixels of a tile.
constexpr std::int64_t kWinogradPixels = kWinogradOutput * kWinogradOutput;
/// Matrix products for a tile.
constexpr std::int64_t kWinogradProducts = kWinogradInput * kWinogradInput;
/// Channels that a transform takes at a time.
constexpr std::int64_t kWinogradLanes = 16;

/// Tiles that a kernel is laid over as it is, or turned over.
enum class WinogradKernel { kStraight, kTurned };

/// Kernels at the 36 pairs of points, a row of a panel for each pair; computed in float64. A turned
/// kernel has the same values at the points' inverses, so what is prepared once serves both ways.
/// In: kPanelColumns kernels [3, 3], `pitch` values from one to the next.
/// Out: kPanelColumns values at `row`, at `row` + `plane`, and so on.
void winograd_kernels(const float* kernels, std::int64_t pitch, float* row, std::int64_t plane);

/// Where the tiles' values lie: 36 planes, one for each pair of points, of [tiles, columns] in
/// slices of kWinogradLanes columns. A column is a channel, or a pair of them.
struct WinogradPlanes {
  std::int64_t tiles;
  std::int64_t columns;  // a multiple of kWinogradLanes

  /// Values from a slice to the next.
  [[nodiscard]] std::int64_t slice() const { return tiles * kWinogradLanes; }
  /// Values from a plane to the next. Planes at the distance of a power of two would all want the
  /// same places in the caches.
  [[nodiscard]] std::int64_t plane() const { return tiles * columns + kWinogradLanes; }
  /// Values of all planes.
  [[nodiscard]] std::int64_t size() const { return kWinogradProducts * plane(); }
};

/// In: the tile's 6x6 pixels, row by row, `columns` values each, and those of the tile that comes
/// next, which the caches fetch meanwhile. Out: `to`, the tile's first value in the first plane.
void winograd_input(const float* const pixels[kWinogradProducts],
                    const float* const next[kWinogradProducts], WinogradPlanes planes,
                    WinogradKernel kernel, float* to);

/// Values that winograd_input_pairs wants room for.
[[nodiscard]] constexpr std::int64_t winograd_pairs_room(std::int64_t channels) {
  return kWinogradProducts * channels;
}

/// The same in pairs of 16-bit integers (detail/panel_product.h) of at most kMostLeft: the tile's
/// values at a pair of points are the integers times `scale`, but larger by both points'
/// winograd_gain(). A tile with a value that is not finite gets a scale that is not.
void winograd_input_pairs(const float* const pixels[kWinogradProducts],
                          const float* const next[kWinogradProducts], WinogradPlanes planes,
                          WinogradKernel kernel, float* room, Pair* to, float* scale);

/// What makes the values at all points about equally large, so that integers serve them alike:
/// powers of two.
[[nodiscard]] std::array<float, kWinogradInput> winograd_gain(WinogradKernel kernel);

/// In: `from`, the tile's first product in the first plane; bias [channels] or null. Out: the
/// tile's 4x4 pixels, row by row, `columns` values each; with `relu` max(0, .); null pixels are
/// left out. `next` as above.
void winograd_output(const float* from, WinogradPlanes planes, WinogradKernel kernel,
                     const float* bias, bool relu, float* const pixels[kWinogradPixels],
                     const float* const next[kWinogradPixels]);

}  // namespace styletransfer::detail::cpu
