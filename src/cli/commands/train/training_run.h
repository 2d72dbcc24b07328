// What both trainings share: outputs, resuming, progress, previews, checkpoints, the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/snapshots.h"
#include "cli/checkpoint/unfinished_run.h"
#include "cli/options/training_control.h"
#include "cli/terminal/progress/progress_reporter.h"
#include "styletransfer/checkpoint.h"
#include "styletransfer/stop_reason.h"
#include "styletransfer/training_options.h"

namespace styletransfer::cli {

class TrainingRun {
 public:
  /// Checks that every output can be written and looks for a checkpoint, before any work. Throws
  /// UsageError. `control` must outlive this.
  TrainingRun(const TrainingControl& control, const TrainingLimits& limits,
              const std::vector<std::string>& outputs);

  /// The checkpoint to resume; nothing when there is none. Throws UsageError when it belongs to
  /// other settings. `fingerprint`: of this training.
  [[nodiscard]] std::optional<Checkpoint> start(const std::string& fingerprint);

  /// For the training; requires start().
  [[nodiscard]] Observer& observer() { return observers_; }

  /// Logs how the training ended and returns the exit code. Keeps the checkpoint of a training that
  /// can be resumed.
  [[nodiscard]] int end(StopReason reason) const;

 private:
  const TrainingControl& control_;
  UnfinishedRun unfinished_;
  ProgressReporter reporter_;
  Snapshots previews_;
  std::optional<CheckpointWriter> checkpoints_;
  Observers observers_;
};

}  // namespace styletransfer::cli
