// Feed-forward stylization as a run with progress and interruption.
#pragma once

#include <cstdint>
#include <optional>

#include "styletransfer/feed_forward_network.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// Stylizes the image at its own size using at most `limit_bytes`; each layer or strip is reported
/// as a step. Returns nothing when an interrupt was requested. Warns when the network seems
/// to use another convention.
[[nodiscard]] std::optional<Image> stylized_by_network(const FeedForwardNetwork& network,
                                                       const Image& image, std::int64_t limit_bytes,
                                                       Observer& observer);

}  // namespace styletransfer::cli
