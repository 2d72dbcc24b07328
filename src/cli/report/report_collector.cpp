#include "cli/report/report_collector.h"

#include <algorithm>

#include "cli/terminal/option_names.h"
#include "image/thumbnail.h"

namespace styletransfer::cli {
namespace {

/// Thumbnails: one of the first iteration, and one after each of this many equal parts of the run.
constexpr int kParts = 11;
constexpr int kImageMaxPx = 512;
constexpr std::size_t kMaxLines = 500;

}  // namespace

void ReportCollector::note(std::string line) {
  if (lines_.size() < kMaxLines) lines_.push_back(std::move(line));
}

void ReportCollector::on_message(const Message& line) { note(with_flags(line)); }

void ReportCollector::on_warning(const Message& line) { note("warning: " + with_flags(line)); }

void ReportCollector::on_schedule(const std::vector<PassStarted>& passes) {
  schedule_ = passes;
  steps_planned_ = 0;
  for (const PassStarted& pass : passes) steps_planned_ += pass.iterations;
}

void ReportCollector::on_pass_started(const PassStarted& pass) {
  steps_before_ = 0;
  for (const PassStarted& earlier : schedule_) {
    if (earlier.pass_index < pass.pass_index) steps_before_ += earlier.iterations;
  }
}

Continue ReportCollector::on_step_finished(const StepFinished& step) {
  curve_.add(step);
  last_step_ = step;
  return Continue::kYes;
}

bool ReportCollector::is_due(const StepFinished& step) const {
  if (!keeps_images_ || images_.size() > kParts) return false;
  const auto part = [&](int steps) {
    return static_cast<std::int64_t>(steps) * kParts / std::max(steps_planned_, 1);
  };
  const int steps = steps_before_ + step.iteration;
  return images_.empty() || part(steps) > part(steps - 1);
}

bool ReportCollector::wants_image(const StepFinished& step) { return is_due(step); }

void ReportCollector::on_image(const StepFinished& step, const Image& image) {
  images_.push_back({step.pass_index, step.iteration, step.seconds_since_start,
                     thumbnail_jpeg(image, kImageMaxPx)});
}

}  // namespace styletransfer::cli
