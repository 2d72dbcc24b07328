// Observer that forwards everything to another; subclasses intercept some of it.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::detail {

class ForwardingObserver : public Observer {
 public:
  /// `next` must outlive this observer.
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

  /// Subclasses that want the image or the state themselves must still call this every time: `next`
  /// gets only what it has asked for.
  bool wants_image(const StepFinished& step) override {
    return next_wants_image_ = next_.wants_image(step);
  }
  void on_image(const StepFinished& step, const Image& image) override {
    if (next_wants_image_) next_.on_image(step, image);
  }
  bool wants_state() override { return next_wants_state_ = next_.wants_state(); }
  void on_state(const RunState& state) override {
    if (next_wants_state_) next_.on_state(state);
  }

 private:
  Observer& next_;
  bool next_wants_image_ = false;
  bool next_wants_state_ = false;
};

}  // namespace styletransfer::detail
