// Each term's share of the loss, as text.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "content relu4_2 31 %, style relu1_1 8 %, total variation 12 %".
[[nodiscard]] std::string shares_text(const std::vector<LossTerm>& terms);

}  // namespace styletransfer::cli
