// An observer that records everything it receives.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer {

class Recorder : public Observer {
 public:
  /// Stops the run at this step (counted over all passes, from 1); 0: never.
  explicit Recorder(int stop_at_step = 0) : stop_at_step_(stop_at_step) {}

  void on_message(const Message& line) override { messages.push_back(line.text()); }
  void on_warning(const Message& line) override { warnings.push_back(line.text()); }
  void on_pass_started(const PassStarted& pass) override { passes.push_back(pass); }
  Continue on_step_finished(const StepFinished& step) override {
    steps.push_back(step);
    return static_cast<int>(steps.size()) == stop_at_step_ ? Continue::kStop : Continue::kYes;
  }

  std::vector<std::string> messages;
  std::vector<std::string> warnings;
  std::vector<PassStarted> passes;
  std::vector<StepFinished> steps;

 private:
  int stop_at_step_;
};

}  // namespace styletransfer
