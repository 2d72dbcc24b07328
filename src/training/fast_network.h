// The network that paints in one pass, untrained.
#pragma once

#include "styletransfer/fast_training.h"
#include "training/script_network.h"

namespace styletransfer::detail {

/// [N, 3, H, W], R G B in 0..1, to the same; sides are multiples of 4.
[[nodiscard]] torch::jit::Module fast_network(const FastNetworkShape& shape, std::uint64_t seed);

}  // namespace styletransfer::detail
