// CycleGAN's discriminator (PatchGAN), untrained.
#pragma once

#include <cstdint>
#include <string>

#include "training/script_module.h"

namespace styletransfer::detail {

/// Maps [N, 3, H, W], -1..1, to [N, 1, h, w]: a realness score for each patch of 70 x 70 pixels.
/// Source: Isola et al. 2017, as used by Zhu et al. 2017; `width` is 64 there.
[[nodiscard]] torch::jit::Module make_discriminator(const std::string& type_name, int width,
                                                    std::uint64_t seed);

}  // namespace styletransfer::detail
