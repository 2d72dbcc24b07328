#include "cli/report/report_collector.h"

#include <algorithm>

#include "image/thumbnail.h"

namespace styletransfer::cli {
namespace {

/// Thumbnails: one of the first iteration, and one after each of this many equal parts of the run.
constexpr int kParts = 11;
constexpr int kImageMaxPx = 512;
constexpr std::size_t kMaxLines = 500;

}  // namespace

ReportCollector::ReportCollector(Observer& next, bool keeps_images)
    : ForwardingObserver(next), keeps_images_(keeps_images) {}

void ReportCollector::note(std::string line) {
  if (lines_.size() < kMaxLines) lines_.push_back(std::move(line));
}

void ReportCollector::on_message(const std::string& line) {
  note(line);
  ForwardingObserver::on_message(line);
}

void ReportCollector::on_warning(const std::string& line) {
  note("warning: " + line);
  ForwardingObserver::on_warning(line);
}

void ReportCollector::on_schedule(const std::vector<PassStarted>& passes) {
  schedule_ = passes;
  steps_planned_ = 0;
  for (const PassStarted& pass : passes) steps_planned_ += pass.iterations;
  ForwardingObserver::on_schedule(passes);
}

void ReportCollector::on_pass_started(const PassStarted& pass) {
  steps_before_ = 0;
  for (const PassStarted& earlier : schedule_) {
    if (earlier.pass_index < pass.pass_index) steps_before_ += earlier.iterations;
  }
  ForwardingObserver::on_pass_started(pass);
}

Continue ReportCollector::on_step_finished(const StepFinished& step) {
  curve_.add(step);
  last_step_ = step;
  return ForwardingObserver::on_step_finished(step);
}

bool ReportCollector::is_due(const StepFinished& step) const {
  if (!keeps_images_ || images_.size() > kParts) return false;
  const auto part = [&](int steps) {
    return static_cast<std::int64_t>(steps) * kParts / std::max(steps_planned_, 1);
  };
  const int steps = steps_before_ + step.iteration;
  return images_.empty() || part(steps) > part(steps - 1);
}

bool ReportCollector::wants_image(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_image(step);
  return next_wants_it || is_due(step);
}

void ReportCollector::on_image(const StepFinished& step, const Image& image) {
  if (is_due(step)) {
    images_.push_back({step.pass_index, step.iteration, step.seconds_since_start,
                       thumbnail_jpeg(image, kImageMaxPx)});
  }
  ForwardingObserver::on_image(step, image);
}

}  // namespace styletransfer::cli
