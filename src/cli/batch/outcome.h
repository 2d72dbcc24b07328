// What became of one picture of a batch.
#pragma once

#include <string>

#include "styletransfer/image.h"

namespace styletransfer::cli {

enum class Fate { kWaiting, kPainted, kFinishedBefore, kLost, kInterrupted };

struct Outcome {
  Fate fate = Fate::kWaiting;
  /// kLost: why, one line.
  std::string trouble = {};
  /// kPainted: of the result.
  Size size = {};
  /// kPainted: from reading to the written file.
  double seconds = 0.0;
};

}  // namespace styletransfer::cli
