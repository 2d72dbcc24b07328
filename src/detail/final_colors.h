// Pictures of a run under way, in the colours of its result.
#pragma once

#include "styletransfer/progress.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Stands before another observer: everything reaches that one, pictures in their final colours.
class FinalColors : public Observer {
 public:
  /// `asked`: the job as it was asked for. Both must outlive this.
  FinalColors(const Job& asked, Observer& next) : asked_(asked), next_(next) {}

  void on_message(const std::string& line) override { next_.on_message(line); }
  void on_warning(const std::string& line) override { next_.on_warning(line); }
  void on_schedule(const std::vector<PassStarted>& passes) override { next_.on_schedule(passes); }
  void on_pass_started(const PassStarted& pass) override { next_.on_pass_started(pass); }
  Continue on_step_finished(const StepFinished& step) override {
    return next_.on_step_finished(step);
  }
  void on_pass_finished(const PassFinished& pass) override { next_.on_pass_finished(pass); }
  bool wants_picture(const StepFinished& step) override { return next_.wants_picture(step); }
  void on_picture(const StepFinished& step, const Image& picture) override;
  bool wants_state() override { return next_.wants_state(); }
  void on_state(const RunState& state) override { next_.on_state(state); }

 private:
  const Job& asked_;
  Observer& next_;
};

}  // namespace styletransfer::detail
