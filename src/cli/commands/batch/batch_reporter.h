// Progress display of a batch, on stderr.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "cli/terminal/progress/progress_line.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

class ImageReporter;

/// On a terminal, one rewritten line with the current images and the time left for all; elsewhere a
/// line per finished image, and one per minute while none is finished. Thread-safe; each thread has
/// its own ImageReporter.
class BatchReporter {
 public:
  BatchReporter();

  /// Call before the first image. `work`: total of all images to make, in any unit.
  void start(int image_count, double work);
  void on_detail(const Message& line);
  void on_warning(const Message& line);
  void on_error(const std::string& line);

  [[nodiscard]] double seconds() const;

 private:
  friend class ImageReporter;
  using Clock = std::chrono::steady_clock;

  void on_image_started(const ImageReporter& image);
  void on_image_written(const std::string& summary);
  void on_image_ended(const ImageReporter& image);
  void on_step(const StepFinished& step);
  [[nodiscard]] std::string progress_text(const StepFinished& step) const;
  /// ", 8:20 left", or "" while unknown.
  [[nodiscard]] std::string left_text() const;

  std::mutex mutex_;
  ProgressLine line_;
  Clock::time_point last_shown_ = Clock::now();
  Clock::time_point start_ = Clock::now();

  int image_count_ = 0;
  int ended_ = 0;
  double work_ = 0.0;
  double work_done_ = 0.0;
  /// Work of images made in this run, for the rate.
  double work_painted_ = 0.0;
  std::vector<const ImageReporter*> under_work_;
};

/// Observer of one image of a batch. Its pass messages are logged as detail. Stops the run when an
/// interrupt was requested.
class ImageReporter : public Observer {
 public:
  /// `work` is in the unit of `batch`, which must outlive this.
  ImageReporter(BatchReporter& batch, std::string name, double work);
  ImageReporter(const ImageReporter&) = delete;
  ImageReporter& operator=(const ImageReporter&) = delete;
  ~ImageReporter() override;

  /// "wrote out.png, 512x384, 12.3 s (3 of 40, 8:20 left)".
  void on_written(const std::string& summary);

  void on_message(const Message& line) override { batch_.on_detail(line); }
  void on_warning(const Message& line) override { batch_.on_warning(line); }
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
