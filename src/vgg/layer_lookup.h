// Lookup of network layers by name.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/loss_options.h"
#include "styletransfer/model.h"

namespace styletransfer::detail {

/// Index of the named layer. Throws UsageError that suggests similar names and lists all layers.
[[nodiscard]] size_t layer_index(const Network& network, const std::string& name);

/// Minimum short side of an image, in pixels, for every named layer to have at least one position:
/// each pooling halves it.
[[nodiscard]] int min_side_px(const Network& network, const std::vector<std::string>& layers);

/// All layers that the loss uses: content layers, then style layers.
[[nodiscard]] std::vector<std::string> compared_layers(const LossOptions& loss);

}  // namespace styletransfer::detail
