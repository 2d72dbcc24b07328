// What a person sees while a batch works, all on stderr.
#pragma once

#include <chrono>
#include <string>

#include "cli/progress_line.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// On a terminal one line that is rewritten, with the picture under work and the time left for all;
/// elsewhere a line for each finished picture, and one a minute while a picture is under work. What
/// the runs tell of their passes is detail. Stops the run when an interrupt was requested.
class BatchReporter : public Observer {
 public:
  BatchReporter();

  /// Before the first picture; `work` in any unit, of all pictures to paint.
  void start(int picture_count, double work);
  void on_picture_started(const std::string& name, double work);
  /// "wrote out.png, 512x384, 12.3 s (3 of 40, 8:20 left)".
  void on_picture_written(const std::string& words);
  /// Painted, lost or found finished: its work need not be waited for.
  void on_picture_ended();

  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;
  void on_error(const std::string& line);
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;

  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::string progress_text(const StepFinished& step) const;
  /// ", 8:20 left", or nothing while it is not known.
  [[nodiscard]] std::string left_text(double picture_fraction) const;

  ProgressLine line_;
  Clock::time_point last_shown_ = Clock::now();
  Clock::time_point start_ = Clock::now();

  int picture_count_ = 0;
  int picture_ = 0;  // from 1
  std::string name_;
  double work_ = 0.0;
  double work_done_ = 0.0;
  double picture_work_ = 0.0;
  /// Work of pictures really painted: what the rate is made of.
  double work_painted_ = 0.0;
  PassStarted pass_;
};

}  // namespace styletransfer::cli
