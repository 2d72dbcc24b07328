#include "cli/reporter.h"

#include <algorithm>
#include <cmath>

#include "base/process_clock.h"
#include "cli/formatted.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"
#include "cli/loss_shares.h"

namespace styletransfer::cli {
namespace {

constexpr double kPlainIntervalSeconds = 10.0;

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(seconds, 0.0)));
  const long hours = whole / 3600;
  const long minutes = whole / 60 % 60;
  if (hours > 0) return formatted("%ld:%02ld:%02ld", hours, minutes, whole % 60);
  return formatted("%ld:%02ld", minutes, whole % 60);
}

Reporter::Reporter(double time_limit_seconds)
    : line_(kPlainIntervalSeconds), time_limit_seconds_(time_limit_seconds) {}

void Reporter::on_message(const std::string& line) {
  line_.clear();
  log_info(line);
}

void Reporter::on_detail(const std::string& line) {
  line_.clear();
  log_detail(line);
}

void Reporter::on_warning(const std::string& line) {
  line_.clear();
  log_warning(line);
}

void Reporter::on_schedule(const std::vector<PassStarted>& passes) {
  step_times_.on_schedule(passes);
  last_shown_seconds_ = 0.0;
}

void Reporter::on_pass_started(const PassStarted& pass) {
  pass_ = pass;
  const std::string line =
      formatted("pass %d/%d: %dx%d, %d steps", pass.pass_index + 1, pass.pass_count, pass.width_px,
                pass.height_px, pass.iterations);
  if (line_.is_rewritten()) {
    log_detail(line);
  } else {
    log_info(line);
  }
}

Continue Reporter::on_step_finished(const StepFinished& step) {
  step_times_.on_step(step.pass_index, step.iteration, step.seconds_since_start);
  const bool is_last = step.fraction_done >= 1.0;
  if (is_last || step.seconds_since_start - last_shown_seconds_ >= line_.interval_seconds()) {
    last_shown_seconds_ = step.seconds_since_start;
    line_.show(progress_text(step));
  }
  if (!interrupt_requested()) return Continue::kYes;
  if (!told_interrupt_) on_message("interrupted: saving the best picture (again: stop at once)");
  told_interrupt_ = true;
  return Continue::kStop;
}

void Reporter::on_pass_finished(const PassFinished& pass) {
  line_.clear();
  log_detail(
      formatted("pass %d/%d: loss %.4g: ", pass.pass_index + 1, pass_.pass_count, pass.loss) +
      shares_text(pass.terms));
}

std::string Reporter::progress_text(const StepFinished& step) const {
  std::string text =
      formatted("pass %d/%d  %dx%d  step %d/%d", pass_.pass_index + 1, pass_.pass_count,
                pass_.width_px, pass_.height_px, step.iteration, pass_.iterations);
  // A network that paints in one pass minimises nothing.
  if (!step.terms.empty()) text += formatted("  loss %.4g", step.loss);
  const double rate = step_times_.steps_per_second();
  if (rate > 0.0) text += formatted("  %.3g steps/s", rate);
  text += "  " + clock_text(step.seconds_since_start);
  const double left = seconds_left(step.seconds_since_start);
  if (left >= 0.0) text += "  " + clock_text(left) + " left";
  return text;
}

double Reporter::seconds_left(double seconds_since_start) const {
  const double left = step_times_.left();
  if (time_limit_seconds_ <= 0.0 || left < 0.0) return left;
  // The limit counts from the start of the process, and the time of an interrupted run with it.
  const double spent = std::max(seconds_since_start, seconds_since_process_start());
  return std::min(left, std::max(0.0, time_limit_seconds_ - spent));
}

}  // namespace styletransfer::cli
