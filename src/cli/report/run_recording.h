// What a report tells of a run's course: collected while it goes on, in bounded memory.
#pragma once

#include <string>
#include <vector>

#include "cli/report/loss_curve.h"
#include "detail/forwarding_observer.h"

namespace styletransfer::cli {

/// A step's picture, small.
struct KeptPicture {
  int pass_index = 0;
  int iteration = 0;
  double seconds = 0.0;
  std::string jpeg;
};

class RunRecording : public detail::ForwardingObserver {
 public:
  /// keeps_pictures: whether a dozen small pictures of the course are wanted.
  RunRecording(Observer& next, bool keeps_pictures);

  void on_message(const std::string& line) override;
  void on_warning(const std::string& line) override;
  void on_schedule(const std::vector<PassStarted>& passes) override;
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  bool wants_picture(const StepFinished& step) override;
  void on_picture(const StepFinished& step, const Image& picture) override;

  [[nodiscard]] const std::vector<PassStarted>& schedule() const { return schedule_; }
  [[nodiscard]] const LossCurve& curve() const { return curve_; }
  [[nodiscard]] const std::vector<KeptPicture>& pictures() const { return pictures_; }
  /// Messages and "warning: ..." lines.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] const StepFinished& last_step() const { return last_step_; }

 private:
  void note(std::string line);
  [[nodiscard]] bool is_due(const StepFinished& step) const;

  bool keeps_pictures_;
  std::vector<PassStarted> schedule_;
  /// Of all passes together.
  int steps_planned_ = 0;
  /// Before the current pass.
  int steps_before_ = 0;
  LossCurve curve_;
  std::vector<KeptPicture> pictures_;
  std::vector<std::string> lines_;
  StepFinished last_step_;
};

}  // namespace styletransfer::cli
