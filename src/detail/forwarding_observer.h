// An observer that stands before another: everything reaches that one, and a subclass listens in.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::detail {

class ForwardingObserver : public Observer {
 public:
  /// `next` must outlive this one.
  explicit ForwardingObserver(Observer& next) : next_(next) {}

  void on_message(const std::string& line) override { next_.on_message(line); }
  void on_detail(const std::string& line) override { next_.on_detail(line); }
  void on_warning(const std::string& line) override { next_.on_warning(line); }
  void on_schedule(const std::vector<PassStarted>& passes) override { next_.on_schedule(passes); }
  void on_pass_started(const PassStarted& pass) override { next_.on_pass_started(pass); }
  Continue on_step_finished(const StepFinished& step) override {
    return next_.on_step_finished(step);
  }
  void on_pass_finished(const PassFinished& pass) override { next_.on_pass_finished(pass); }

  /// A subclass that wants the picture or the state for itself asks here all the same, every time:
  /// the next one gets only what it has asked for.
  bool wants_picture(const StepFinished& step) override {
    return next_wants_picture_ = next_.wants_picture(step);
  }
  void on_picture(const StepFinished& step, const Image& picture) override {
    if (next_wants_picture_) next_.on_picture(step, picture);
  }
  bool wants_state() override { return next_wants_state_ = next_.wants_state(); }
  void on_state(const RunState& state) override {
    if (next_wants_state_) next_.on_state(state);
  }

 private:
  Observer& next_;
  bool next_wants_picture_ = false;
  bool next_wants_state_ = false;
};

}  // namespace styletransfer::detail
