// Layers of a network by name.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/model.h"

namespace styletransfer::detail {

/// Index of the named layer. Throws UsageError listing the network's layers, near names first.
[[nodiscard]] size_t layer_index(const Network& network, const std::string& name);

/// Short side a picture must have so that every named layer has at least one position: every
/// pooling on the way halves it.
[[nodiscard]] int smallest_side_px(const Network& network, const std::vector<std::string>& layers);

}  // namespace styletransfer::detail
