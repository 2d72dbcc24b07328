// Progress display of a run, on stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal/progress/eta.h"
#include "cli/terminal/progress/progress_line.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "1:05", "2:03:09".
[[nodiscard]] std::string clock_text(double seconds);

/// What is reported: an image in passes, or a network in training.
enum class ProgressKind { kImage, kTraining };

/// On a terminal, one rewritten line; elsewhere a plain line at most every ten seconds. Stops the
/// run when an interrupt was requested.
class ProgressReporter : public Observer {
 public:
  /// `time_limit_seconds`: limit of each run; 0: none.
  explicit ProgressReporter(ProgressKind kind = ProgressKind::kImage,
                            double time_limit_seconds = 0.0);

  void on_message(const Message& line) override;
  void on_detail(const Message& line) override;
  void on_warning(const Message& line) override;
  void on_schedule(const std::vector<PassStarted>& passes) override;
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  void on_validation(const ValidationResult& result) override;
  void on_pass_finished(const PassFinished& pass) override;

 private:
  /// "pass 2/3  512x384  iteration"; only the unit for a training.
  [[nodiscard]] std::string place_text() const;
  [[nodiscard]] std::string progress_text(const StepFinished& step) const;
  /// Negative while unknown.
  [[nodiscard]] double seconds_left(double seconds_since_start) const;

  ProgressKind kind_;
  ProgressLine line_;
  double time_limit_seconds_;
  double last_shown_seconds_ = 0.0;
  bool reported_interrupt_ = false;

  PassStarted pass_;
  /// Of a training; iteration 0: none yet.
  ValidationResult validation_;
  EtaEstimator step_times_;
};

}  // namespace styletransfer::cli
