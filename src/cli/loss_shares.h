// What each term has of the loss, in words.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "content relu4_2 31 %, style relu1_1 8 %, smoothness 12 %".
[[nodiscard]] std::string shares_text(const std::vector<LossTerm>& terms);

}  // namespace styletransfer::cli
