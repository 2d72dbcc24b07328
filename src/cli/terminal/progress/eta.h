// Estimates the remaining time from measured iterations.
#pragma once

#include <cstddef>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// Passes of a run differ in size, so each size is timed separately. A size not yet reached is
/// extrapolated linearly in pixels from the two largest timed sizes, or from one size with the
/// constant term of expected_step_cost. The preparation of a pass is measured in iterations.
class EtaEstimator {
 public:
  void on_schedule(const std::vector<PassStarted>& passes);
  /// `seconds`: since the run's start.
  void on_step(int pass_index, int iteration, double seconds);

  /// Estimated seconds from the latest iteration to the end of the last pass. Negative while
  /// unknown.
  [[nodiscard]] double left() const;
  /// In the current pass; 0 while unknown.
  [[nodiscard]] double steps_per_second() const;

 private:
  struct TimedPass {
    PassStarted plan;
    int timed_steps = 0;
    double timed_seconds = 0.0;
    /// From the previous pass's end to the end of the first iteration.
    double preparation_seconds = 0.0;
    int done_steps = 0;

    [[nodiscard]] double step_seconds() const { return timed_seconds / timed_steps; }
  };
  /// Mean seconds per iteration at one size.
  struct Rate {
    double padded_px;
    double seconds;
  };

  [[nodiscard]] std::vector<Rate> measured() const;
  [[nodiscard]] static double expected(const std::vector<Rate>& rates, double padded_px);
  [[nodiscard]] double preparation_steps() const;

  std::vector<TimedPass> passes_;
  int current_ = -1;
  double last_seconds_ = 0.0;
  bool has_last_ = false;
};

}  // namespace styletransfer::cli
