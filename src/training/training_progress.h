// Progress of a training: iterations, time, and when it ends.
#pragma once

#include <chrono>
#include <optional>

#include "styletransfer/progress.h"
#include "styletransfer/training.h"

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
  [[nodiscard]] std::optional<TrainingEnding> ending() const;

  /// Counts a finished iteration and returns its report.
  TrainingStep count(double loss, std::vector<LossTerm> terms);

 private:
  TrainingLimits limits_;
  int iteration_;
  double seconds_before_;
  double last_seconds_;
  double step_seconds_ = 0.0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace styletransfer::detail
