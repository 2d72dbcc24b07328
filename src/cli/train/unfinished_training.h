// What an interrupted training left beside its output, and what may be done with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/run_binding.h"
#include "cli/train/training_control.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

class UnfinishedTraining {
 public:
  /// Checks that every output can be written, makes its folder, and looks for a state. `outputs`:
  /// every file that the training writes at its end. Throws UsageError for --resume of a finished
  /// network, for a state that would be lost because --resume is missing, and for files in the way.
  UnfinishedTraining(const TrainingControl& control, const std::vector<std::string>& outputs);

  /// Where states are kept: "painting.pt.state".
  [[nodiscard]] const std::string& state_path() const { return state_path_; }

  /// The state to go on from; nothing when there is none. Throws UsageError naming what differs
  /// when it belongs to other settings, or is damaged.
  [[nodiscard]] std::optional<TrainingState> load(const std::string& binding) const;

  /// The training is done: its state goes.
  void forget() const;

 private:
  std::string state_path_;
  bool is_asked_for_;
  bool is_resumed_ = false;
};

}  // namespace styletransfer::cli
