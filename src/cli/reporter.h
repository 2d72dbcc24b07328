// What a person sees while the program works, all on stderr.
#pragma once

#include <string>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "1:05", "2:03:09".
[[nodiscard]] std::string clock_text(double seconds);

/// Seconds still to go, from the work done since the first finished step (which warms up).
class TimeLeft {
 public:
  void on_step(double fraction_done, double seconds_since_start);
  /// Negative while nothing can be said.
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  bool has_first_ = false;
  double first_fraction_ = 0.0;
  double first_seconds_ = 0.0;
  double seconds_ = -1.0;
};

/// On a terminal one line that is rewritten; elsewhere a plain line at most every ten seconds.
/// Stops the run when an interrupt was requested.
class Reporter : public Observer {
 public:
  Reporter();
  ~Reporter() override;
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;

 private:
  [[nodiscard]] std::string progress_text(const StepFinished& step) const;
  void show(const std::string& line, double seconds);
  void clear_line();

  bool on_terminal_;
  bool line_is_shown_ = false;
  double last_shown_seconds_ = 0.0;
  bool told_interrupt_ = false;

  PassStarted pass_;
  double pass_started_seconds_ = 0.0;
  double last_step_seconds_ = 0.0;
  TimeLeft time_left_;
};

}  // namespace styletransfer::cli
