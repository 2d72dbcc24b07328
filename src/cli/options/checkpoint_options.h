// Checkpoint and snapshot options of a run.
#pragma once

#include <optional>

namespace styletransfer::cli {

struct CheckpointOptions {
  /// Resume an interrupted run of the same command.
  bool resume = false;
  /// Batch mode: an unusable checkpoint is reported and the image restarted.
  bool resume_if_valid = false;
  /// Iterations between two checkpoints; 0: only on an interrupt; unset: automatic (see
  /// CheckpointPace).
  std::optional<int> checkpoint_every;
  /// Iterations between two snapshots; 0: none.
  int snapshot_every = 0;
};

}  // namespace styletransfer::cli
