// How far a training has come: iterations, time, and what follows from them.
#pragma once

#include <chrono>
#include <optional>

#include "styletransfer/training.h"

namespace styletransfer::detail {

class Course {
 public:
  /// Goes on after so many iterations and seconds.
  explicit Course(const TrainingLimits& limits, int iteration = 0, double seconds = 0.0);

  [[nodiscard]] int iteration() const { return iteration_; }
  [[nodiscard]] double seconds() const;
  /// 0..1.
  [[nodiscard]] double fraction_done() const;
  /// Whether another iteration would be one too many, or end too late.
  [[nodiscard]] std::optional<TrainingEnding> ending() const;

  /// An iteration is done: what there is to tell of it.
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
