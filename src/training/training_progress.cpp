#include "training/training_progress.h"

#include <algorithm>
#include <cstdint>
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

std::optional<StopReason> TrainingProgress::stop_reason() const {
  if (iteration_ >= limits_.iterations) return StopReason::kFinished;
  const bool is_late = limits_.time_limit_seconds > 0.0 &&
                       last_seconds_ + step_seconds_ > limits_.time_limit_seconds;
  return is_late ? std::optional(StopReason::kTimeLimit) : std::nullopt;
}

void TrainingProgress::announce(int size_px, Observer& observer) const {
  PassStarted pass;
  pass.width_px = size_px;
  pass.height_px = size_px;
  pass.iterations = limits_.iterations;
  pass.padded_px = std::int64_t{size_px} * size_px;
  observer.on_schedule({pass});
  observer.on_pass_started(pass);
}

StepFinished TrainingProgress::count(double loss, std::vector<LossTerm> terms) {
  ++iteration_;
  const double now = seconds();
  step_seconds_ = now - last_seconds_;
  last_seconds_ = now;
  return {0, iteration_, loss, std::move(terms), fraction_done(), now};
}

}  // namespace styletransfer::detail
