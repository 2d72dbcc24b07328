// Progress of a training: iterations, time, and when it ends.
#pragma once

#include <chrono>
#include <optional>

#include "styletransfer/progress.h"
#include "styletransfer/stop_reason.h"
#include "styletransfer/training_options.h"

namespace styletransfer::detail {

class TrainingProgress {
 public:
  /// Resumes after this many iterations and seconds.
  explicit TrainingProgress(const TrainingLimits& limits, int iteration = 0, double seconds = 0.0);

  [[nodiscard]] int iteration() const { return iteration_; }
  [[nodiscard]] double seconds() const;
  /// 0..1.
  [[nodiscard]] double fraction_done() const;
  /// Returns the reason to end before another iteration: the iteration limit is reached, or one
  /// more would exceed the time limit. nullopt: continue.
  [[nodiscard]] std::optional<StopReason> stop_reason() const;

  /// Tells the observer what is planned: one pass of all iterations.
  void announce(int size_px, Observer& observer) const;

  /// Counts a finished iteration and returns its report.
  StepFinished count(double loss, std::vector<LossTerm> terms);

 private:
  TrainingLimits limits_;
  int iteration_;
  double seconds_before_;
  double last_seconds_;
  double step_seconds_ = 0.0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace styletransfer::detail
