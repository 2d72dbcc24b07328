#include "cli/report/live_page.h"

#include "cli/report/report_page.h"
#include "styletransfer/image_preview.h"

namespace styletransfer::cli {
namespace {

constexpr std::chrono::milliseconds kWatchedInterval{700};
constexpr std::chrono::seconds kUnwatchedInterval{5};
constexpr std::chrono::milliseconds kPictureInterval{1000};
// How long the end of a run waits for an open page, in all under a second. The page
// (report_page.html) asks for the record every 400 ms, and at once for a picture that it has not
// seen.
constexpr std::chrono::milliseconds kMaxRecordWait{600};
constexpr std::chrono::milliseconds kMaxPictureWait{200};
constexpr int kPictureMostPx = 768;
constexpr const char* kNow = "now.jpg";

}  // namespace

LivePage::LivePage(Observer& next, LiveServer& server, RunStory& story)
    : ForwardingObserver(next), server_(server), story_(story) {}

Continue LivePage::on_step_finished(const StepFinished& step) {
  const auto interval = server_.is_watched() ? Clock::duration(kWatchedInterval)
                                             : Clock::duration(kUnwatchedInterval);
  story_.painting_seconds = step.seconds_since_start;
  if (Clock::now() - last_refresh_ >= interval) refresh();
  const Continue wanted = ForwardingObserver::on_step_finished(step);
  if (!server_.stop_requested()) return wanted;
  if (!told_stop_) on_message("stopped from the page: saving the best picture");
  told_stop_ = true;
  return Continue::kStop;
}

bool LivePage::is_picture_due() const {
  return server_.is_watched() && Clock::now() - last_picture_ >= kPictureInterval;
}

bool LivePage::wants_picture(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_picture(step);
  return next_wants_it || is_picture_due();
}

void LivePage::on_picture(const StepFinished& step, const Image& picture) {
  if (is_picture_due()) {
    last_picture_ = Clock::now();
    story_.result = {"step " + std::to_string(step.iteration), kNow,
                     preview_jpeg(picture, kPictureMostPx)};
    served_.erase(kNow);
  }
  ForwardingObserver::on_picture(step, picture);
}

std::string LivePage::served(const NamedPicture& picture) {
  if (served_.insert(picture.name).second) server_.publish(picture.name, picture.jpeg);
  // Another address for every picture under the same name.
  if (picture.name != kNow) return picture.name;
  return picture.name + "?" + std::to_string(last_picture_.time_since_epoch().count());
}

void LivePage::refresh() {
  if (recording_ == nullptr) return;
  last_refresh_ = Clock::now();
  const std::string json = story_json(
      story_, *recording_, [this](const NamedPicture& picture) { return served(picture); });
  server_.publish("", report_page(json, /*is_live=*/true));
  server_.publish("run.json", json);
}

void LivePage::finish() {
  refresh();
  if (!server_.is_watched()) return;
  if (!server_.wait_until_fetched("run.json", kMaxRecordWait) || story_.result.jpeg.empty()) return;
  server_.wait_until_fetched(story_.result.name, kMaxPictureWait);
}

}  // namespace styletransfer::cli
