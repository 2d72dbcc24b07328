#include "cli/commands/train/training_monitor.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include "base/process_clock.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/log.h"
#include "cli/terminal/progress_reporter.h"
#include "styletransfer/error.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kPlainIntervalSeconds = 10.0;
/// Size that CheckpointPace assumes before the first checkpoint is timed: about 20 MB.
constexpr std::int64_t kStateLikePx = 80000;

}  // namespace

std::string preview_folder_of(const std::string& output_path) {
  const fs::path output(output_path);
  const fs::path name = output.extension() == ".pt" ? output.stem() : output.filename();
  return (output.parent_path() / (name.string() + "-previews")).string();
}

TrainingMonitor::TrainingMonitor(const TrainingControl& control, const TrainingLimits& limits,
                                 std::string state_path, std::string fingerprint)
    : control_(control),
      state_path_(std::move(state_path)),
      fingerprint_(std::move(fingerprint)),
      line_(kPlainIntervalSeconds),
      time_limit_seconds_(limits.time_limit_seconds),
      pace_(control.checkpoint_every) {
  PassStarted whole;
  whole.iterations = limits.iterations;
  whole.padded_px = 1;
  step_times_.on_schedule({whole});
  pace_.on_pass(kStateLikePx);
}

void TrainingMonitor::on_message(const std::string& line) {
  line_.clear();
  log_info(line);
}

void TrainingMonitor::on_warning(const std::string& line) {
  line_.clear();
  log_warning(line);
}

std::string TrainingMonitor::progress_text(const TrainingStep& step) {
  std::string text =
      formatted("iteration %d/%d  loss %.4g", step.iteration, step.iterations, step.loss);
  if (has_validation()) {
    text += formatted("  validation %.4g (best %.4g)", check_.loss, check_.best_loss);
  }
  const double rate = step_times_.steps_per_second();
  if (rate > 0.0) text += formatted("  %.3g it/s", rate);
  text += "  " + clock_text(step.seconds);
  double left = step_times_.left();
  if (time_limit_seconds_ > 0.0 && left >= 0.0) {
    const double spent = std::max(step.seconds, seconds_since_process_start());
    left = std::min(left, std::max(0.0, time_limit_seconds_ - spent));
  }
  return left < 0.0 ? text : text + "  " + clock_text(left) + " left";
}

Continue TrainingMonitor::on_step(const TrainingStep& step) {
  step_times_.on_step(0, step.iteration, step.seconds);
  pace_.on_step(step.seconds);
  const bool is_last = step.fraction_done >= 1.0;
  if (is_last || step.seconds - last_shown_seconds_ >= line_.interval_seconds()) {
    last_shown_seconds_ = step.seconds;
    line_.show(progress_text(step));
  }
  if (!interrupt_requested()) return Continue::kYes;
  on_message("interrupted: saving the network (interrupt again to quit immediately)");
  is_stopping_ = true;
  return Continue::kStop;
}

void TrainingMonitor::on_check(const ValidationResult& check) {
  check_ = check;
  line_.clear();
  log_detail(formatted("iteration %d: validation loss %.5g, best %.5g", check.iteration, check.loss,
                       check.best_loss));
}

bool TrainingMonitor::wants_preview(const TrainingStep& step) {
  return control_.preview_every > 0 && step.iteration % control_.preview_every == 0;
}

void TrainingMonitor::on_preview(const TrainingStep& step, const Image& image) {
  const fs::path folder = preview_folder_of(control_.output_path);
  WriteOptions options;
  options.overwrite = true;
  try {
    const std::string path = (folder / formatted("step-%06d.png", step.iteration)).string();
    check_output_path(path, options, image.size);
    write_image(image, path, options);
  } catch (const Error& error) {
    if (!reported_problem_) on_warning(std::string("a preview was not written: ") + error.what());
    reported_problem_ = true;
  }
}

bool TrainingMonitor::wants_state() { return is_stopping_ || pace_.is_due(); }

void TrainingMonitor::on_state(const TrainingState& state) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  try {
    save_training_state(state, fingerprint_, state_path_);
  } catch (const Error& error) {
    // Not worth aborting hours of training; the next checkpoint may succeed.
    if (!reported_problem_)
      on_warning(std::string("the checkpoint was not saved: ") + error.what());
    reported_problem_ = true;
  }
  pace_.on_saved(std::chrono::duration<double>(Clock::now() - start).count());
}

}  // namespace styletransfer::cli
