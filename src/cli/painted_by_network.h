// A picture through a painting network, as a run of steps that can be watched and stopped.
#pragma once

#include <cstdint>

#include "styletransfer/painting_network.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// The picture painted at its size in at most `limit_bytes`; each layer or strip is a step. Empty
/// when an interrupt was requested. Warns of a convention that does not seem to be the network's.
[[nodiscard]] Image painted_by_network(const PaintingNetwork& network, const Image& picture,
                                       std::int64_t limit_bytes, Observer& observer);

}  // namespace styletransfer::cli
