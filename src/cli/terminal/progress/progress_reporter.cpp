#include "cli/terminal/progress/progress_reporter.h"

#include <algorithm>
#include <cmath>

#include "base/system/process_clock.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/log.h"
#include "cli/terminal/progress/loss_shares.h"

namespace styletransfer::cli {
namespace {

constexpr double kPlainIntervalSeconds = 10.0;

/// False for a feed-forward network, whose layers or strips are reported as steps.
bool is_iterated(const PassStarted& pass) { return pass.padded_px > 0; }

const char* unit_of(const PassStarted& pass) { return is_iterated(pass) ? "iteration" : "step"; }

/// "pass 2/3". A feed-forward network, alone or as the start of the passes, is no pass.
std::string title_of(const PassStarted& pass) {
  return is_iterated(pass) ? formatted("pass %d/%d", pass.pass_index + 1, pass.pass_count)
                           : "feed-forward network";
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(seconds, 0.0)));
  const long hours = whole / 3600;
  const long minutes = whole / 60 % 60;
  if (hours > 0) return formatted("%ld:%02ld:%02ld", hours, minutes, whole % 60);
  return formatted("%ld:%02ld", minutes, whole % 60);
}

ProgressReporter::ProgressReporter(ProgressKind kind, double time_limit_seconds)
    : kind_(kind), line_(kPlainIntervalSeconds), time_limit_seconds_(time_limit_seconds) {}

void ProgressReporter::on_message(const Message& line) {
  line_.clear();
  log_info(line);
}

void ProgressReporter::on_detail(const Message& line) {
  line_.clear();
  log_detail(line);
}

void ProgressReporter::on_warning(const Message& line) {
  line_.clear();
  log_warning(line);
}

void ProgressReporter::on_schedule(const std::vector<PassStarted>& passes) {
  step_times_.on_schedule(passes);
  last_shown_seconds_ = 0.0;
}

void ProgressReporter::on_pass_started(const PassStarted& pass) {
  pass_ = pass;
  if (kind_ == ProgressKind::kTraining) return;
  const std::string line = title_of(pass) + formatted(": %dx%d, ", pass.width_px, pass.height_px) +
                           counted(pass.iterations, unit_of(pass));
  if (line_.is_rewritten()) {
    log_detail(line);
  } else {
    log_info(line);
  }
}

// Shows the progress; ends the run after Ctrl-C (interrupt.h).
Continue ProgressReporter::on_step_finished(const StepFinished& step) {
  step_times_.on_step(step.pass_index, step.iteration, step.seconds_since_start);
  const bool is_last = step.fraction_done >= 1.0;
  if (is_last || step.seconds_since_start - last_shown_seconds_ >= line_.interval_seconds()) {
    last_shown_seconds_ = step.seconds_since_start;
    line_.show(progress_text(step));
  }
  if (!interrupt_requested()) return Continue::kYes;
  if (!reported_interrupt_) {
    const char* what = kind_ == ProgressKind::kTraining ? "the network" : "the best image";
    on_message(std::string("interrupted: saving ") + what +
               " (interrupt again to quit immediately)");
  }
  reported_interrupt_ = true;
  return Continue::kStop;
}

void ProgressReporter::on_pass_finished(const PassFinished& pass) {
  line_.clear();
  log_detail(
      formatted("pass %d/%d: loss %.4g: ", pass.pass_index + 1, pass_.pass_count, pass.loss) +
      shares_text(pass.terms));
}

void ProgressReporter::on_validation(const ValidationResult& result) {
  validation_ = result;
  line_.clear();
  log_detail(formatted("iteration %d: validation loss %.5g, best %.5g", result.iteration,
                       result.loss, result.best_loss));
}

std::string ProgressReporter::place_text() const {
  std::string unit = unit_of(pass_);
  if (kind_ == ProgressKind::kTraining) return unit;
  return title_of(pass_) + formatted("  %dx%d  ", pass_.width_px, pass_.height_px) + unit;
}

std::string ProgressReporter::progress_text(const StepFinished& step) const {
  std::string text = place_text() + formatted(" %d/%d", step.iteration, pass_.iterations);
  // A feed-forward network has no loss.
  if (!step.terms.empty()) text += formatted("  loss %.4g", step.loss);
  if (validation_.iteration > 0) {
    text += formatted("  validation %.4g (best %.4g)", validation_.loss, validation_.best_loss);
  }
  const double rate = step_times_.steps_per_second();
  if (rate > 0.0) text += formatted("  %.3g %s/s", rate, is_iterated(pass_) ? "it" : "step");
  text += "  " + clock_text(step.seconds_since_start);
  const double left = seconds_left(step.seconds_since_start);
  if (left >= 0.0) text += "  " + clock_text(left) + " left";
  return text;
}

double ProgressReporter::seconds_left(double seconds_since_start) const {
  const double left = step_times_.left();
  if (time_limit_seconds_ <= 0.0 || left < 0.0) return left;
  // The limit counts from the start of the process, and so includes the time of an interrupted run.
  const double spent = std::max(seconds_since_start, seconds_since_process_start());
  return std::min(left, std::max(0.0, time_limit_seconds_ - spent));
}

}  // namespace styletransfer::cli
