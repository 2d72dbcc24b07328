// Collects the progress of a run for its report, in bounded memory.
#pragma once

#include <string>
#include <vector>

#include "cli/report/loss_curve.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// Thumbnail of one iteration's image.
struct KeptImage {
  int pass_index = 0;
  int iteration = 0;
  double seconds = 0.0;
  std::string jpeg;
};

class ReportCollector : public Observer {
 public:
  /// `keeps_images`: collect a dozen thumbnails during the run.
  explicit ReportCollector(bool keeps_images) : keeps_images_(keeps_images) {}

  void on_message(const Message& line) override;
  void on_warning(const Message& line) override;
  void on_schedule(const std::vector<PassStarted>& passes) override;
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  bool wants_image(const StepFinished& step) override;
  void on_image(const StepFinished& step, const Image& image) override;

  [[nodiscard]] const std::vector<PassStarted>& schedule() const { return schedule_; }
  [[nodiscard]] const LossCurve& curve() const { return curve_; }
  [[nodiscard]] const std::vector<KeptImage>& images() const { return images_; }
  /// Messages and "warning: ..." lines.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const StepFinished& last_step() const { return last_step_; }

 private:
  void note(std::string line);
  [[nodiscard]] bool is_due(const StepFinished& step) const;

  bool keeps_images_;
  std::vector<PassStarted> schedule_;
  /// Over all passes.
  int steps_planned_ = 0;
  /// Iterations before the current pass.
  int steps_before_ = 0;
  LossCurve curve_;
  std::vector<KeptImage> images_;
  std::vector<std::string> lines_;
  StepFinished last_step_;
};

}  // namespace styletransfer::cli
