#include "cli/checkpointing.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "styletransfer/error.h"
#include "styletransfer/run_state.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Saving may take this share of the time.
constexpr double kCostShare = 0.01;
constexpr double kLeastIntervalSeconds = 30.0;
/// Before the first one is timed: an L-BFGS state of about 250 bytes a pixel at 150 MB/s.
constexpr double kAssumedSecondsPerPx = 250.0 / 150e6;

}  // namespace

std::string state_path_of(const std::string& output_path) { return output_path + ".state"; }

void remove_state(const std::string& output_path) {
  std::error_code ignored;
  std::filesystem::remove(state_path_of(output_path), ignored);
}

void CheckpointPace::on_step(double seconds_since_start) {
  ++steps_;
  seconds_ = seconds_since_start;
  if (!last_seconds_) last_seconds_ = seconds_since_start;
}

bool CheckpointPace::is_due() const {
  if (every_) return *every_ > 0 && steps_ >= *every_;
  const double cost =
      measured_seconds_per_px_.value_or(kAssumedSecondsPerPx) * static_cast<double>(worked_px_);
  return seconds_ - last_seconds_.value_or(seconds_) >=
         std::max(kLeastIntervalSeconds, cost / kCostShare);
}

void CheckpointPace::on_saved(double took_seconds) {
  steps_ = 0;
  last_seconds_ = seconds_;
  if (worked_px_ > 0) measured_seconds_per_px_ = took_seconds / static_cast<double>(worked_px_);
}

Checkpointing::Checkpointing(Observer& next, std::string path, Binding binding,
                             std::optional<int> every, DiskReserve reserve)
    : ForwardingObserver(next),
      path_(std::move(path)),
      binding_of_(std::move(binding)),
      reserve_(std::move(reserve)),
      pace_(every) {}

void Checkpointing::on_pass_started(const PassStarted& pass) {
  pace_.on_pass(pass.worked_px);
  ForwardingObserver::on_pass_started(pass);
}

Continue Checkpointing::on_step_finished(const StepFinished& step) {
  pace_.on_step(step.seconds_since_start);
  const Continue answer = ForwardingObserver::on_step_finished(step);
  is_stopping_ = answer == Continue::kStop;
  return answer;
}

bool Checkpointing::wants_state() {
  const bool next_wants_it = ForwardingObserver::wants_state();
  return is_stopping_ || pace_.is_due() || next_wants_it;
}

void Checkpointing::on_state(const RunState& state) {
  ForwardingObserver::on_state(state);
  const auto start = Clock::now();
  try {
    if (!reserve_.leaves_room(path_, state_file_bytes(state))) throw RunError(reserve_.refusal());
    if (binding_.empty()) binding_ = binding_of_();
    save_run_state(state, binding_, path_);
  } catch (const Error& error) {
    // Not worth a run of hours; the next one may succeed.
    if (!told_trouble_) on_warning(std::string("the state was not saved: ") + error.what());
    told_trouble_ = true;
  }
  pace_.on_saved(std::chrono::duration<double>(Clock::now() - start).count());
}

}  // namespace styletransfer::cli
