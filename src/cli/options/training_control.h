// Output, checkpoint and preview options of a training.
#pragma once

#include <optional>
#include <string>

#include "styletransfer/bounds.h"

namespace styletransfer::cli {

struct TrainingControl {
  /// A network file, or the common prefix of several.
  std::string output_path;
  bool overwrite = false;
  /// Resume an interrupted training of the same command.
  bool resume = false;
  /// Iterations between two checkpoints; 0: only on an interrupt; unset: automatic (see
  /// CheckpointPace).
  std::optional<int> checkpoint_every;
  /// Iterations between two preview images; 0: none.
  int preview_every = 0;
  static constexpr Bounds<int> kPreviewEvery{.min = 1, .unit = "iterations"};
};

}  // namespace styletransfer::cli
