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

namespace styletransfer::detail::cpu {

/// Output pixels of a tile, across and down.
constexpr std::int64_t kWinogradOutput = 4;
/// Input pixels of a tile, across and down; as many points as the algorithm evaluates at.
constexpr std::int64_t kWinogradInput = 6;
/// Matrix products for a tile.
constexpr std::int64_t kWinogradProducts = kWinogradInput * kWinogradInput;
/// Channels that a transform takes at a time.
constexpr std::int64_t kWinogradLanes = 16;

/// Tiles that a kernel is laid over as it is, or turned over.
enum class WinogradKernel { kStraight, kTurned };

/// A 3-tap kernel at the six points. A turned kernel has the same values at the points' inverses,
/// so what is prepared once serves both ways.
[[nodiscard]] std::array<double, kWinogradInput> winograd_kernel(const std::array<double, 3>& taps);

/// Where a tile's values lie: 36 planes of [tiles, channels], one for each pair of points.
struct WinogradPlanes {
  std::int64_t channels;  // a multiple of kWinogradLanes
  std::int64_t size;      // values from one plane to the next
};

/// In: the tile's 6x6 pixels, row by row, `channels` values each. Out: `to`, the tile's first value
/// in the first plane.
void winograd_input(const float* const pixels[kWinogradProducts], WinogradPlanes planes,
                    WinogradKernel kernel, float* to);

/// In: `from`, the tile's first product in the first plane; bias [channels] or null. Out: the
/// tile's 4x4 pixels, row by row, `channels` values each; with `relu` max(0, .); null pixels are
/// left out.
void winograd_output(const float* from, WinogradPlanes planes, WinogradKernel kernel,
                     const float* bias, bool relu,
                     float* const pixels[kWinogradOutput * kWinogradOutput]);

}  // namespace styletransfer::detail::cpu
