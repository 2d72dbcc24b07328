// Advice on the proportions of the loss terms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/message.h"
#include "styletransfer/progress.h"

namespace styletransfer::detail {

/// Returns one line of advice if total variation is more than half of the loss, in which case the
/// image is blurred rather than stylized. If all feature terms are 0, the advice blames the network
/// instead of the weights.
[[nodiscard]] std::optional<Message> total_variation_advice(const std::vector<LossTerm>& terms);

}  // namespace styletransfer::detail
