// Whether a network sees anything in the pictures that a loss compares.
#pragma once

#include <vector>

#include "styletransfer/objective.h"

namespace styletransfer::detail {

/// Throws RunError when a target's features are not finite, or when all features of every target
/// with a weight are zero: then nothing would be painted. Pictures that leave single layers
/// without features are sound.
void check_targets(const LossOptions& options, const Weights& weights, const ContentAim& content,
                   const std::vector<StyleRegion>& styles);

}  // namespace styletransfer::detail
