#include "cli/report/live_page.h"

#include "cli/report/report_page.h"
#include "image/thumbnail.h"

namespace styletransfer::cli {
namespace {

constexpr std::chrono::milliseconds kWatchedInterval{700};
constexpr std::chrono::seconds kUnwatchedInterval{5};
constexpr std::chrono::milliseconds kImageInterval{1000};
// How long the end of a run waits for an open page, under a second in all. The page
// (report_page.html) polls the report every 400 ms and fetches new images immediately.
constexpr std::chrono::milliseconds kMaxRecordWait{600};
constexpr std::chrono::milliseconds kMaxImageWait{200};
constexpr int kImageMaxPx = 768;
constexpr const char* kNow = "now.jpg";

}  // namespace

LivePage::LivePage(Observer& next, LiveServer& server, ReportData& data)
    : ForwardingObserver(next), server_(server), data_(data) {}

Continue LivePage::on_step_finished(const StepFinished& step) {
  const auto interval = server_.is_watched() ? Clock::duration(kWatchedInterval)
                                             : Clock::duration(kUnwatchedInterval);
  data_.painting_seconds = step.seconds_since_start;
  if (Clock::now() - last_refresh_ >= interval) refresh();
  const Continue wanted = ForwardingObserver::on_step_finished(step);
  if (!server_.stop_requested()) return wanted;
  if (!reported_stop_) on_message("stopped from the live page: saving the best image");
  reported_stop_ = true;
  return Continue::kStop;
}

bool LivePage::is_image_due() const {
  return server_.is_watched() && Clock::now() - last_image_ >= kImageInterval;
}

bool LivePage::wants_image(const StepFinished& step) {
  const bool next_wants_it = ForwardingObserver::wants_image(step);
  return next_wants_it || is_image_due();
}

void LivePage::on_image(const StepFinished& step, const Image& image) {
  if (is_image_due()) {
    last_image_ = Clock::now();
    data_.result = {"iteration " + std::to_string(step.iteration), kNow,
                    thumbnail_jpeg(image, kImageMaxPx)};
    served_.erase(kNow);
  }
  ForwardingObserver::on_image(step, image);
}

std::string LivePage::served(const NamedImage& image) {
  if (served_.insert(image.name).second) server_.publish(image.name, image.jpeg);
  // A new URL for every image under the same name, to bypass the browser's cache.
  if (image.name != kNow) return image.name;
  return image.name + "?" + std::to_string(last_image_.time_since_epoch().count());
}

void LivePage::refresh() {
  if (collector_ == nullptr) return;
  last_refresh_ = Clock::now();
  const std::string json =
      report_json(data_, *collector_, [this](const NamedImage& image) { return served(image); });
  server_.publish("", report_page(json, /*is_live=*/true));
  server_.publish("run.json", json);
}

void LivePage::finish() {
  refresh();
  if (!server_.is_watched()) return;
  if (!server_.wait_until_fetched("run.json", kMaxRecordWait) || data_.result.jpeg.empty()) return;
  server_.wait_until_fetched(data_.result.name, kMaxImageWait);
}

}  // namespace styletransfer::cli
