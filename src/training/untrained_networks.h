// Networks before their training: one that turns a picture into a picture, one that judges
// pictures.
#pragma once

#include <cstdint>
#include <string>

#include "training/script_network.h"

namespace styletransfer::detail {

/// Of the sides of a painter's pictures: two halvings.
inline constexpr int kPainterMultipleOf = 4;

/// Down to a quarter of the size, residual blocks there, and up again.
struct PainterShape {
  /// Channels at full size; twice and four times as many at half and quarter size.
  int width = 32;
  int blocks = 5;
  /// Of the first and the last convolution.
  int outer_kernel_px = 9;
  /// What keeps the picture in range: kSigmoid for 0..1, kTanh for -1..1.
  Activation last = Activation::kSigmoid;
};

/// [N, 3, H, W] to the same. Source: Johnson et al. 2016; with kernels of 7 pixels and kTanh the
/// generator of Zhu et al. 2017. Departs: see FastNetworkShape.
[[nodiscard]] torch::jit::Module untrained_painter(const std::string& type_name,
                                                   const PainterShape& shape, std::uint64_t seed);

/// [N, 3, H, W], -1..1, to [N, 1, h, w]: how genuine each patch of 70 x 70 pixels is. Source: Isola
/// et al. 2017, as used by Zhu et al. 2017; `width` is 64 there.
[[nodiscard]] torch::jit::Module untrained_judge(const std::string& type_name, int width,
                                                 std::uint64_t seed);

}  // namespace styletransfer::detail
