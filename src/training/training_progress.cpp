#include "training/training_progress.h"

#include <algorithm>
#include <utility>

#include "styletransfer/progress.h"

namespace styletransfer::detail {

TrainingProgress::TrainingProgress(const TrainingLimits& limits, int iteration, double seconds)
    : limits_(limits), iteration_(iteration), seconds_before_(seconds), last_seconds_(seconds) {}

double TrainingProgress::seconds() const {
  const std::chrono::duration<double> now = std::chrono::steady_clock::now() - start_;
  return seconds_before_ + now.count();
}

double TrainingProgress::fraction_done() const {
  double fraction = static_cast<double>(iteration_) / limits_.iterations;
  if (limits_.time_limit_seconds > 0.0) {
    fraction = std::max(fraction, last_seconds_ / limits_.time_limit_seconds);
  }
  return std::min(fraction, 1.0);
}

std::optional<TrainingEnding> TrainingProgress::ending() const {
  if (iteration_ >= limits_.iterations) return TrainingEnding::kAllIterations;
  const bool is_late = limits_.time_limit_seconds > 0.0 &&
                       last_seconds_ + step_seconds_ > limits_.time_limit_seconds;
  return is_late ? std::optional(TrainingEnding::kTimeLimit) : std::nullopt;
}

TrainingStep TrainingProgress::count(double loss, std::vector<LossTerm> terms) {
  ++iteration_;
  const double now = seconds();
  step_seconds_ = now - last_seconds_;
  last_seconds_ = now;
  return {iteration_, limits_.iterations, loss, std::move(terms), fraction_done(), now};
}

}  // namespace styletransfer::detail
