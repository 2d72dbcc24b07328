#include "cli/terminal/progress/progress_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/terminal/log.h"

namespace styletransfer::cli {
namespace {

/// More frequent updates are not visible.
constexpr double kTerminalIntervalSeconds = 0.1;

std::size_t terminal_columns() {
  winsize window = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  return known ? window.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(double plain_interval_seconds)
    : on_terminal_(stderr_is_terminal()), plain_interval_seconds_(plain_interval_seconds) {}

ProgressLine::~ProgressLine() { clear(); }

double ProgressLine::interval_seconds() const {
  return on_terminal_ ? kTerminalIntervalSeconds : plain_interval_seconds_;
}

void ProgressLine::show(const std::string& line) {
  if (!on_terminal_) {
    log_info(line);
    return;
  }
  // One column stays free: a full line would wrap and could not be rewritten.
  rewrite_progress_line(line.substr(0, terminal_columns() - 1));
  is_shown_ = true;
}

void ProgressLine::clear() {
  if (!is_shown_) return;
  rewrite_progress_line("");
  is_shown_ = false;
}

}  // namespace styletransfer::cli
