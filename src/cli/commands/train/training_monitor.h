// Progress, validation, previews and checkpoints of a training.
#pragma once

#include <optional>
#include <string>

#include "cli/checkpoint/checkpointing.h"
#include "cli/options/training_control.h"
#include "cli/terminal/eta.h"
#include "cli/terminal/progress_line.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

/// "painting-previews" for "painting.pt" and "painting".
[[nodiscard]] std::string preview_folder_of(const std::string& output_path);

/// Stops the training when an interrupt was requested.
class TrainingMonitor : public TrainingObserver {
 public:
  /// `fingerprint` identifies the training (save_training_state).
  TrainingMonitor(const TrainingControl& control, const TrainingLimits& limits,
                  std::string state_path, std::string fingerprint);

  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;
  Continue on_step(const TrainingStep& step) override;
  void on_check(const ValidationResult& check) override;
  bool wants_preview(const TrainingStep& step) override;
  void on_preview(const TrainingStep& step, const Image& image) override;
  bool wants_state() override;
  void on_state(const TrainingState& state) override;

 private:
  [[nodiscard]] std::string progress_text(const TrainingStep& step);
  [[nodiscard]] bool has_validation() const { return check_.iteration > 0; }

  const TrainingControl& control_;
  std::string state_path_;
  std::string fingerprint_;
  ProgressLine line_;
  EtaEstimator step_times_;
  double time_limit_seconds_;
  double last_shown_seconds_ = 0.0;
  ValidationResult check_;
  CheckpointPace pace_;
  bool is_stopping_ = false;
  bool reported_problem_ = false;
};

}  // namespace styletransfer::cli
