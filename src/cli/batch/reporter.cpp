#include "cli/batch/reporter.h"

#include "cli/formatted.h"
#include "cli/interrupt.h"
#include "cli/log/log.h"
#include "cli/reporter.h"

namespace styletransfer::cli {
namespace {

constexpr double kPlainIntervalSeconds = 60.0;

}  // namespace

BatchReporter::BatchReporter() : line_(kPlainIntervalSeconds) {}

double BatchReporter::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void BatchReporter::start(int picture_count, double work) {
  picture_count_ = picture_count;
  work_ = work;
  start_ = Clock::now();
}

void BatchReporter::on_picture_started(const std::string& name, double work) {
  ++picture_;
  name_ = name;
  picture_work_ = work;
  last_shown_ = Clock::now();
}

void BatchReporter::on_picture_written(const std::string& words) {
  line_.clear();
  work_painted_ += picture_work_;
  log_info("wrote " + words + formatted(" (%d of %d", picture_, picture_count_) + left_text(1.0) +
           ")");
}

void BatchReporter::on_picture_ended() {
  work_done_ += picture_work_;
  picture_work_ = 0.0;
}

void BatchReporter::on_message(const std::string& line) {
  line_.clear();
  log_detail(line);
}

void BatchReporter::on_warning(const std::string& line) {
  line_.clear();
  log_warning(line);
}

void BatchReporter::on_error(const std::string& line) {
  line_.clear();
  log_error(line);
}

void BatchReporter::on_pass_started(const PassStarted& pass) { pass_ = pass; }

Continue BatchReporter::on_step_finished(const StepFinished& step) {
  const double since_shown = std::chrono::duration<double>(Clock::now() - last_shown_).count();
  if (since_shown >= line_.interval_seconds()) {
    last_shown_ = Clock::now();
    line_.show(progress_text(step));
  }
  return interrupt_requested() ? Continue::kStop : Continue::kYes;
}

std::string BatchReporter::progress_text(const StepFinished& step) const {
  return formatted("picture %d/%d  ", picture_, picture_count_) + name_ +
         formatted("  pass %d/%d  %dx%d  step %d/%d  %s", pass_.pass_index + 1, pass_.pass_count,
                   pass_.width_px, pass_.height_px, step.iteration, pass_.iterations,
                   clock_text(seconds()).c_str()) +
         left_text(step.fraction_done);
}

std::string BatchReporter::left_text(double picture_fraction) const {
  const double under_work = picture_fraction < 1.0 ? picture_work_ * picture_fraction : 0.0;
  const double painted = work_painted_ + under_work;
  const double left = work_ - work_done_ - (picture_fraction < 1.0 ? under_work : picture_work_);
  if (painted <= 0.0) return "";
  return ", " + clock_text(seconds() * left / painted) + " left";
}

}  // namespace styletransfer::cli
