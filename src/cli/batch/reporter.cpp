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

void BatchReporter::on_detail(const std::string& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_detail(line);
}

void BatchReporter::on_warning(const std::string& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_warning(line);
}

void BatchReporter::on_error(const std::string& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_error(line);
}

void BatchReporter::on_picture_started(const PictureReporter& picture) {
  under_work_.push_back(&picture);
  last_shown_ = Clock::now();
}

void BatchReporter::on_picture_written(const std::string& words) {
  line_.clear();
  log_info("wrote " + words + formatted(" (%d of %d", ended_ + 1, picture_count_) + left_text() +
           ")");
}

/// Painted, lost or found finished: its work need not be waited for.
void BatchReporter::on_picture_ended(const PictureReporter& picture) {
  std::erase(under_work_, &picture);
  ++ended_;
  work_done_ += picture.work_;
  if (picture.is_written_) work_painted_ += picture.work_;
}

void BatchReporter::on_step(const StepFinished& step) {
  const double since_shown = std::chrono::duration<double>(Clock::now() - last_shown_).count();
  if (since_shown < line_.interval_seconds()) return;
  last_shown_ = Clock::now();
  line_.show(progress_text(step));
}

std::string BatchReporter::progress_text(const StepFinished& step) const {
  const std::string time = "  " + clock_text(seconds()) + left_text();
  const int at_once = static_cast<int>(under_work_.size());
  if (at_once > 1) {
    return formatted("pictures %d to %d of %d", ended_ + 1, ended_ + at_once, picture_count_) +
           time;
  }
  const PictureReporter& picture = *under_work_.front();
  const PassStarted& pass = picture.pass_;
  return formatted("picture %d/%d  ", ended_ + 1, picture_count_) + picture.name_ +
         formatted("  pass %d/%d  %dx%d  step %d/%d", pass.pass_index + 1, pass.pass_count,
                   pass.width_px, pass.height_px, step.iteration, pass.iterations) +
         time;
}

std::string BatchReporter::left_text() const {
  double under_work = 0.0;
  for (const PictureReporter* picture : under_work_) {
    under_work += picture->work_ * picture->fraction_done_;
  }
  const double painted = work_painted_ + under_work;
  if (painted <= 0.0) return "";
  const double left = work_ - work_done_ - under_work;
  return ", " + clock_text(seconds() * left / painted) + " left";
}

PictureReporter::PictureReporter(BatchReporter& batch, std::string name, double work)
    : batch_(batch), name_(std::move(name)), work_(work) {
  const std::lock_guard lock(batch_.mutex_);
  batch_.on_picture_started(*this);
}

PictureReporter::~PictureReporter() {
  const std::lock_guard lock(batch_.mutex_);
  batch_.on_picture_ended(*this);
}

void PictureReporter::on_written(const std::string& words) {
  const std::lock_guard lock(batch_.mutex_);
  fraction_done_ = 1.0;
  is_written_ = true;
  batch_.on_picture_written(words);
}

void PictureReporter::on_pass_started(const PassStarted& pass) {
  const std::lock_guard lock(batch_.mutex_);
  pass_ = pass;
}

Continue PictureReporter::on_step_finished(const StepFinished& step) {
  const std::lock_guard lock(batch_.mutex_);
  fraction_done_ = step.fraction_done;
  batch_.on_step(step);
  return interrupt_requested() ? Continue::kStop : Continue::kYes;
}

}  // namespace styletransfer::cli
