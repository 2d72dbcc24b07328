// Whether the terms of a loss are in a proportion that paints well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::detail {

/// One line of advice where smoothness is more than half of the loss: such a picture is blurred
/// rather than painted. Where it is all of the loss beside terms of features, the network is at
/// fault, not the weights.
[[nodiscard]] std::optional<std::string> smoothness_advice(const std::vector<LossTerm>& terms);

}  // namespace styletransfer::detail
