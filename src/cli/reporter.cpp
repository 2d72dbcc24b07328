#include "cli/reporter.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/formatted.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"

namespace styletransfer::cli {
namespace {

/// A rewritten line more often than this only costs time.
constexpr double kTerminalIntervalSeconds = 0.1;
constexpr double kPlainIntervalSeconds = 10.0;

std::size_t terminal_columns() {
  winsize window = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  return known ? window.ws_col : 80;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::lround(std::max(seconds, 0.0)));
  const long hours = whole / 3600;
  const long minutes = whole / 60 % 60;
  if (hours > 0) return formatted("%ld:%02ld:%02ld", hours, minutes, whole % 60);
  return formatted("%ld:%02ld", minutes, whole % 60);
}

void TimeLeft::on_step(double fraction_done, double seconds_since_start) {
  if (!has_first_) {
    has_first_ = true;
    first_fraction_ = fraction_done;
    first_seconds_ = seconds_since_start;
    return;
  }
  const double done = fraction_done - first_fraction_;
  if (done <= 0.0) return;
  seconds_ = (seconds_since_start - first_seconds_) * (1.0 - fraction_done) / done;
}

Reporter::Reporter() : on_terminal_(stderr_is_terminal()) {}

Reporter::~Reporter() { clear_line(); }

void Reporter::on_message(const std::string& line) {
  clear_line();
  log_info(line);
}

void Reporter::on_warning(const std::string& line) {
  clear_line();
  log_warning(line);
}

void Reporter::on_pass_started(const PassStarted& pass) {
  pass_ = pass;
  pass_started_seconds_ = last_step_seconds_;
  const std::string line =
      formatted("pass %d/%d: %dx%d, %d steps", pass.pass_index + 1, pass.pass_count, pass.width_px,
                pass.height_px, pass.iterations);
  if (on_terminal_) {
    log_detail(line);
  } else {
    log_info(line);
  }
}

Continue Reporter::on_step_finished(const StepFinished& step) {
  time_left_.on_step(step.fraction_done, step.seconds_since_start);
  last_step_seconds_ = step.seconds_since_start;
  const double interval = on_terminal_ ? kTerminalIntervalSeconds : kPlainIntervalSeconds;
  const bool is_last = step.fraction_done >= 1.0;
  if (is_last || step.seconds_since_start - last_shown_seconds_ >= interval) {
    show(progress_text(step), step.seconds_since_start);
  }
  if (!interrupt_requested()) return Continue::kYes;
  if (!told_interrupt_) on_message("interrupted: saving the best picture (again: stop at once)");
  told_interrupt_ = true;
  return Continue::kStop;
}

std::string Reporter::progress_text(const StepFinished& step) const {
  const double seconds = step.seconds_since_start - pass_started_seconds_;
  const double rate = seconds > 0.0 ? step.iteration / seconds : 0.0;
  std::string text =
      formatted("pass %d/%d  %dx%d  step %d/%d  loss %.4g  %.3g steps/s  %s", pass_.pass_index + 1,
                pass_.pass_count, pass_.width_px, pass_.height_px, step.iteration, pass_.iterations,
                step.loss, rate, clock_text(step.seconds_since_start).c_str());
  if (time_left_.seconds() >= 0.0) text += "  " + clock_text(time_left_.seconds()) + " left";
  return text;
}

void Reporter::show(const std::string& line, double seconds) {
  last_shown_seconds_ = seconds;
  if (!on_terminal_) {
    log_info(line);
    return;
  }
  // One column stays free: a full line would wrap and could not be rewritten.
  rewrite_progress_line(line.substr(0, terminal_columns() - 1));
  line_is_shown_ = true;
}

void Reporter::clear_line() {
  if (!line_is_shown_) return;
  rewrite_progress_line("");
  line_is_shown_ = false;
}

}  // namespace styletransfer::cli
