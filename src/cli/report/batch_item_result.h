// Result of one batch item.
#pragma once

#include <string>

#include "styletransfer/image.h"

namespace styletransfer::cli {

/// kWaiting: not made, also when it was interrupted.
enum class ItemStatus { kWaiting, kPainted, kFinishedBefore, kLost };

struct ItemResult {
  ItemStatus status = ItemStatus::kWaiting;
  /// kLost: the error, one line.
  std::string problem = {};
  /// kPainted: size of the result.
  Size size = {};
  /// kPainted: from reading to the written file.
  double seconds = 0.0;
};

}  // namespace styletransfer::cli
