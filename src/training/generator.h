// Generator: image-to-image network of feed-forward style transfer and of CycleGAN, untrained.
#pragma once

#include <cstdint>
#include <string>

#include "styletransfer/training_options.h"
#include "training/script_module.h"

namespace styletransfer::detail {

/// Sides of a generator's images must be multiples of this: two halvings.
inline constexpr int kGeneratorMultipleOf = kCropSize.multiple_of;

/// Encoder-decoder: down to a quarter of the size, residual blocks there, and up again.
struct GeneratorShape {
  /// Channels at full size; twice as many at half size and four times as many at quarter size.
  int width = 32;
  int blocks = 5;
  /// Kernel size of the first and the last convolution.
  int outer_kernel_px = 9;
  /// Final activation, which keeps the image in range: kSigmoid for 0..1, kTanh for -1..1.
  Activation last = Activation::kSigmoid;
};

/// Maps [N, 3, H, W] to the same. Source: Johnson et al. 2016; with 7-pixel kernels and kTanh, the
/// generator of Zhu et al. 2017. Departs: see FastNetworkShape.
[[nodiscard]] torch::jit::Module make_generator(const std::string& type_name,
                                                const GeneratorShape& shape, std::uint64_t seed);

}  // namespace styletransfer::detail
