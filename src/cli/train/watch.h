// What a training shows and keeps while it works: progress, checks, previews, states.
#pragma once

#include <optional>
#include <string>

#include "cli/checkpointing.h"
#include "cli/progress_line.h"
#include "cli/step_times.h"
#include "cli/train/training_control.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

/// "painting.pt" and "painting": "painting-previews".
[[nodiscard]] std::string preview_folder_of(const std::string& output_path);

/// Stops the training when an interrupt was requested.
class TrainingWatch : public TrainingObserver {
 public:
  /// binding: what a state belongs to (save_training_state).
  TrainingWatch(const TrainingControl& control, const TrainingLimits& limits,
                std::string state_path, std::string binding);

  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;
  Continue on_step(const TrainingStep& step) override;
  void on_check(const HeldOutCheck& check) override;
  bool wants_preview(const TrainingStep& step) override;
  void on_preview(const TrainingStep& step, const Image& picture) override;
  bool wants_state() override;
  void on_state(const TrainingState& state) override;

 private:
  [[nodiscard]] std::string progress_text(const TrainingStep& step);
  [[nodiscard]] bool has_held_out() const { return check_.iteration > 0; }

  const TrainingControl& control_;
  std::string state_path_;
  std::string binding_;
  ProgressLine line_;
  StepTimes step_times_;
  double time_limit_seconds_;
  double last_shown_seconds_ = 0.0;
  HeldOutCheck check_;
  CheckpointPace pace_;
  bool is_stopping_ = false;
  bool told_trouble_ = false;
};

}  // namespace styletransfer::cli
