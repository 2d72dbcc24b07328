#include "cli/report/run_recording.h"

#include <algorithm>

#include "styletransfer/image_preview.h"

namespace styletransfer::cli {
namespace {

/// Pictures of the course: the first step, and after each of so many equal parts of the steps.
constexpr int kParts = 11;
constexpr int kPictureMostPx = 512;
constexpr std::size_t kMostLines = 500;

}  // namespace

RunRecording::RunRecording(Observer& next, bool keeps_pictures)
    : ForwardingObserver(next), keeps_pictures_(keeps_pictures) {}

void RunRecording::note(std::string line) {
  if (lines_.size() < kMostLines) lines_.push_back(std::move(line));
}

void RunRecording::on_message(const std::string& line) {
  note(line);
  ForwardingObserver::on_message(line);
}

void RunRecording::on_warning(const std::string& line) {
  note("warning: " + line);
  ForwardingObserver::on_warning(line);
}

void RunRecording::on_schedule(const std::vector<PassStarted>& passes) {
  schedule_ = passes;
  steps_planned_ = 0;
  for (const PassStarted& pass : passes) steps_planned_ += pass.iterations;
  ForwardingObserver::on_schedule(passes);
}

void RunRecording::on_pass_started(const PassStarted& pass) {
  steps_before_ = 0;
  for (const PassStarted& earlier : schedule_) {
    if (earlier.pass_index < pass.pass_index) steps_before_ += earlier.iterations;
  }
  ForwardingObserver::on_pass_started(pass);
}

Continue RunRecording::on_step_finished(const StepFinished& step) {
  curve_.add(step);
  last_step_ = step;
  return ForwardingObserver::on_step_finished(step);
}

bool RunRecording::is_due(const StepFinished& step) const {
  if (!keeps_pictures_ || pictures_.size() > kParts) return false;
  const auto part = [&](int steps) {
    return static_cast<std::int64_t>(steps) * kParts / std::max(steps_planned_, 1);
  };
  const int steps = steps_before_ + step.iteration;
  return pictures_.empty() || part(steps) > part(steps - 1);
}

bool RunRecording::wants_picture(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_picture(step);
  return next_wants_it || is_due(step);
}

void RunRecording::on_picture(const StepFinished& step, const Image& picture) {
  if (is_due(step)) {
    pictures_.push_back({step.pass_index, step.iteration, step.seconds_since_start,
                         preview_jpeg(picture, kPictureMostPx)});
  }
  ForwardingObserver::on_picture(step, picture);
}

}  // namespace styletransfer::cli
