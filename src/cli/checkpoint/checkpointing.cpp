#include "cli/checkpoint/checkpointing.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/shown_path.h"
#include "styletransfer/checkpoint.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// Largest share of the run time spent on saving.
constexpr double kCostShare = 0.01;
constexpr double kMinIntervalSeconds = 30.0;
/// Assumed before the first checkpoint is timed: an L-BFGS state of about 250 bytes per pixel at
/// 150 MB/s.
constexpr double kAssumedSecondsPerPx = 250.0 / 150e6;

}  // namespace

std::string state_path_of(const std::string& output_path) { return output_path + ".state"; }

void check_state_name(const std::string& output_path) {
  std::error_code error;
  static_cast<void>(std::filesystem::symlink_status(state_path_of(output_path), error));
  if (error != std::errc::filename_too_long) return;
  throw UsageError("--output: " + shown_path(output_path) +
                   ": the name is so long that the system allows none for the checkpoint (" +
                   state_path_of("NAME") + "); shorten it");
}

bool has_state(const std::string& output_path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(state_path_of(output_path), ignored);
}

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
         std::max(kMinIntervalSeconds, cost / kCostShare);
}

void CheckpointPace::on_saved(double took_seconds) {
  steps_ = 0;
  last_seconds_ = seconds_;
  if (worked_px_ > 0) measured_seconds_per_px_ = took_seconds / static_cast<double>(worked_px_);
}

CheckpointWriter::CheckpointWriter(Observer& messages, const std::string& output_path,
                                   Fingerprint fingerprint, std::optional<int> every,
                                   DiskReserve reserve)
    : messages_(messages),
      path_(state_path_of(output_path)),
      fingerprint_of_(std::move(fingerprint)),
      reserve_(std::move(reserve)),
      pace_(every) {}

void CheckpointWriter::on_pass_started(const PassStarted& pass) { pace_.on_pass(pass.padded_px); }

Continue CheckpointWriter::on_step_finished(const StepFinished& step) {
  pace_.on_step(step.seconds_since_start);
  return Continue::kYes;
}

bool CheckpointWriter::wants_checkpoint(bool is_stopping) { return is_stopping || pace_.is_due(); }

void CheckpointWriter::on_checkpoint(const Checkpoint& checkpoint) {
  const auto start = Clock::now();
  try {
    const std::string problem = reserve_.problem(path_, checkpoint_file_bytes(checkpoint));
    if (!problem.empty()) throw RunError(problem);
    if (fingerprint_.empty()) fingerprint_ = fingerprint_of_();
    save_checkpoint(checkpoint, fingerprint_, path_);
  } catch (const Error& error) {
    // Not worth aborting a run of hours; the next checkpoint may succeed.
    if (!reported_problem_) {
      messages_.on_warning("the checkpoint was not saved: " + error.message());
    }
    reported_problem_ = true;
  }
  pace_.on_saved(std::chrono::duration<double>(Clock::now() - start).count());
}

}  // namespace styletransfer::cli
