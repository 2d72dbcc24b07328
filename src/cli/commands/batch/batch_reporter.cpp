#include "cli/commands/batch/batch_reporter.h"

#include "cli/terminal/formatted.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/log.h"
#include "cli/terminal/progress/progress_reporter.h"

namespace styletransfer::cli {
namespace {

constexpr double kPlainIntervalSeconds = 60.0;

}  // namespace

BatchReporter::BatchReporter() : line_(kPlainIntervalSeconds) {}

double BatchReporter::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void BatchReporter::start(int image_count, double work) {
  image_count_ = image_count;
  work_ = work;
  start_ = Clock::now();
}

void BatchReporter::on_detail(const Message& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_detail(line);
}

void BatchReporter::on_warning(const Message& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_warning(line);
}

void BatchReporter::on_error(const std::string& line) {
  const std::lock_guard lock(mutex_);
  line_.clear();
  log_error(line);
}

void BatchReporter::on_image_started(const ImageReporter& image) {
  under_work_.push_back(&image);
  last_shown_ = Clock::now();
}

void BatchReporter::on_image_written(const std::string& summary) {
  line_.clear();
  log_info("wrote " + summary + formatted(" (%d of %d", ended_ + 1, image_count_) + left_text() +
           ")");
}

/// Made, failed or already finished: its work is done either way.
void BatchReporter::on_image_ended(const ImageReporter& image) {
  std::erase(under_work_, &image);
  ++ended_;
  work_done_ += image.work_;
  if (image.is_written_) work_painted_ += image.work_;
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
    return formatted("images %d to %d of %d", ended_ + 1, ended_ + at_once, image_count_) + time;
  }
  const ImageReporter& image = *under_work_.front();
  const PassStarted& pass = image.pass_;
  return formatted("image %d/%d  ", ended_ + 1, image_count_) + image.name_ +
         formatted("  pass %d/%d  %dx%d  iteration %d/%d", pass.pass_index + 1, pass.pass_count,
                   pass.width_px, pass.height_px, step.iteration, pass.iterations) +
         time;
}

std::string BatchReporter::left_text() const {
  double under_work = 0.0;
  for (const ImageReporter* image : under_work_) {
    under_work += image->work_ * image->fraction_done_;
  }
  const double painted = work_painted_ + under_work;
  if (painted <= 0.0) return "";
  const double left = work_ - work_done_ - under_work;
  return ", " + clock_text(seconds() * left / painted) + " left";
}

ImageReporter::ImageReporter(BatchReporter& batch, std::string name, double work)
    : batch_(batch), name_(std::move(name)), work_(work) {
  const std::lock_guard lock(batch_.mutex_);
  batch_.on_image_started(*this);
}

ImageReporter::~ImageReporter() {
  const std::lock_guard lock(batch_.mutex_);
  batch_.on_image_ended(*this);
}

void ImageReporter::on_written(const std::string& summary) {
  const std::lock_guard lock(batch_.mutex_);
  fraction_done_ = 1.0;
  is_written_ = true;
  batch_.on_image_written(summary);
}

void ImageReporter::on_pass_started(const PassStarted& pass) {
  const std::lock_guard lock(batch_.mutex_);
  pass_ = pass;
}

Continue ImageReporter::on_step_finished(const StepFinished& step) {
  const std::lock_guard lock(batch_.mutex_);
  fraction_done_ = step.fraction_done;
  batch_.on_step(step);
  return interrupt_requested() ? Continue::kStop : Continue::kYes;
}

}  // namespace styletransfer::cli
