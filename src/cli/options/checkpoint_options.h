// Checkpoint and snapshot options of a run.
#pragma once

#include <optional>

#include "styletransfer/schedule.h"

namespace styletransfer::cli {

struct CheckpointOptions {
  /// Resume an interrupted run of the same command.
  bool resume = false;
  /// Batch mode: an unusable checkpoint is reported and the image restarted.
  bool resume_if_valid = false;
  /// Iterations between two checkpoints; 0: only on an interrupt; unset: automatic (see
  /// CheckpointPace).
  std::optional<int> checkpoint_every;
  static constexpr Bounds<int> kCheckpointEvery{0, Pass::kIterations.max, "iterations (or auto)"};
  /// Iterations between two snapshots; 0: none.
  int snapshot_every = 0;
  static constexpr Bounds<int> kSnapshotEvery{1, Pass::kIterations.max, "iterations"};
};

}  // namespace styletransfer::cli
