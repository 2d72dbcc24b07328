// Foretells how long a run still takes, from the steps that have been timed.
#pragma once

#include <cstddef>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// Passes of a run differ in size, so a mean over all steps says little. Each size is timed by
/// itself; a size not yet reached is extrapolated over the pixels of the two largest ones timed,
/// and from one alone with the fixed part of expected_step_cost. What a pass takes before its first
/// step counts in steps.
class StepTimes {
 public:
  void on_schedule(const std::vector<PassStarted>& passes);
  /// seconds: since the run's start.
  void on_step(int pass_index, int iteration, double seconds);

  /// From the last step to the end of the last pass. Negative while nothing can be said.
  [[nodiscard]] double left() const;
  /// Of the pass under way; 0 while nothing can be said.
  [[nodiscard]] double steps_per_second() const;

 private:
  struct TimedPass {
    PassStarted plan;
    int timed_steps = 0;
    double timed_seconds = 0.0;
    /// From the last pass's end to the end of the first step.
    double preparation_seconds = 0.0;
    int done_steps = 0;

    [[nodiscard]] double step_seconds() const { return timed_seconds / timed_steps; }
  };
  /// Mean seconds of a step at one size.
  struct Rate {
    double worked_px;
    double seconds;
  };

  [[nodiscard]] std::vector<Rate> measured() const;
  [[nodiscard]] static double expected(const std::vector<Rate>& rates, double worked_px);
  [[nodiscard]] double preparation_steps() const;

  std::vector<TimedPass> passes_;
  int current_ = -1;
  double last_seconds_ = 0.0;
  bool has_last_ = false;
};

}  // namespace styletransfer::cli
