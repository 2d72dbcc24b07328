// Checkpoint of an interrupted training.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/options/training_control.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

class UnfinishedTraining {
 public:
  /// Checks that every output can be written, creates its folder, and looks for a checkpoint.
  /// `outputs`: every file that the training writes at its end. Throws UsageError for --resume of a
  /// finished network, for a name that leaves none for the checkpoint, for a checkpoint that would
  /// be lost because --resume is missing, and for existing files.
  UnfinishedTraining(const TrainingControl& control, const std::vector<std::string>& outputs);

  /// The checkpoint's path: "painting.pt.state".
  [[nodiscard]] const std::string& state_path() const { return state_path_; }

  /// Returns true if there is a checkpoint now, which --resume would continue.
  [[nodiscard]] bool has_checkpoint() const;

  /// Loads the checkpoint; nothing when there is none. Throws UsageError when it is damaged or
  /// belongs to other settings, naming the difference.
  [[nodiscard]] std::optional<TrainingState> load(const std::string& fingerprint) const;

  /// Removes the checkpoint of a finished training.
  void forget() const;

 private:
  std::string state_path_;
  bool is_asked_for_;
  bool is_resumed_ = false;
};

}  // namespace styletransfer::cli
