// What a person sees while a batch works, all on stderr.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "cli/progress_line.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

class PictureReporter;

/// On a terminal one line that is rewritten, with what is under work and the time left for all;
/// elsewhere a line for each finished picture, and one a minute while none is finished. For several
/// threads, each with a PictureReporter.
class BatchReporter {
 public:
  BatchReporter();

  /// Before the first picture; `work` in any unit, of all pictures to paint.
  void start(int picture_count, double work);
  void on_detail(const std::string& line);
  void on_warning(const std::string& line);
  void on_error(const std::string& line);

  [[nodiscard]] double seconds() const;

 private:
  friend class PictureReporter;
  using Clock = std::chrono::steady_clock;

  void on_picture_started(const PictureReporter& picture);
  void on_picture_written(const std::string& words);
  void on_picture_ended(const PictureReporter& picture);
  void on_step(const StepFinished& step);
  [[nodiscard]] std::string progress_text(const StepFinished& step) const;
  /// ", 8:20 left", or nothing while it is not known.
  [[nodiscard]] std::string left_text() const;

  std::mutex mutex_;
  ProgressLine line_;
  Clock::time_point last_shown_ = Clock::now();
  Clock::time_point start_ = Clock::now();

  int picture_count_ = 0;
  int ended_ = 0;
  double work_ = 0.0;
  double work_done_ = 0.0;
  /// Work of pictures really painted: what the rate is made of.
  double work_painted_ = 0.0;
  std::vector<const PictureReporter*> under_work_;
};

/// One picture of a batch, from its beginning to its end. What its run tells of its passes is
/// detail. Stops the run when an interrupt was requested.
class PictureReporter : public Observer {
 public:
  /// `work` in the unit of the batch, which must outlive the picture.
  PictureReporter(BatchReporter& batch, std::string name, double work);
  PictureReporter(const PictureReporter&) = delete;
  PictureReporter& operator=(const PictureReporter&) = delete;
  ~PictureReporter() override;

  /// "wrote out.png, 512x384, 12.3 s (3 of 40, 8:20 left)".
  void on_written(const std::string& words);

  void on_message(const std::string& line) override { batch_.on_detail(line); }
  void on_warning(const std::string& line) override { batch_.on_warning(line); }
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;

 private:
  friend class BatchReporter;

  BatchReporter& batch_;
  std::string name_;
  double work_;
  PassStarted pass_;
  double fraction_done_ = 0.0;
  bool is_written_ = false;
};

}  // namespace styletransfer::cli
