// Sanity check of the loss targets.
#pragma once

#include <vector>

#include "loss/objective.h"

namespace styletransfer::detail {

/// Throws RunError if a target's features are not finite, or if the features of every target with a
/// weight are all zero, since nothing would change then. Single layers with zero features are
/// valid.
void check_targets(const LossOptions& options, const Weights& weights, const ContentTerm& content,
                   const std::vector<StyleTerm>& styles);

}  // namespace styletransfer::detail
