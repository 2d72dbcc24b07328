// Layers of a network by name.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/losses.h"
#include "styletransfer/model.h"

namespace styletransfer::detail {

/// Index of the named layer. Throws UsageError listing the network's layers, near names first.
[[nodiscard]] size_t layer_index(const Network& network, const std::string& name);

/// Short side a picture must have so that every named layer has at least one position: every
/// pooling on the way halves it.
[[nodiscard]] int smallest_side_px(const Network& network, const std::vector<std::string>& layers);

/// Every layer that the loss compares: those of the content, then those of the style.
[[nodiscard]] std::vector<std::string> compared_layers(const LossOptions& loss);

}  // namespace styletransfer::detail
