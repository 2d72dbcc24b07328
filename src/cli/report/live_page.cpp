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

LivePage::LivePage(Observer& messages, LiveServer& server, ReportData& data,
                   const ReportCollector& collector)
    : messages_(messages), server_(server), data_(data), collector_(collector) {}

Continue LivePage::on_step_finished(const StepFinished& /*step*/) {
  const auto interval = server_.is_watched() ? Clock::duration(kWatchedInterval)
                                             : Clock::duration(kUnwatchedInterval);
  if (Clock::now() - last_refresh_ >= interval) refresh();
  if (!server_.stop_requested()) return Continue::kYes;
  if (!reported_stop_) messages_.on_message("stopped from the live page: saving the best image");
  reported_stop_ = true;
  return Continue::kStop;
}

bool LivePage::is_image_due() const {
  return server_.is_watched() && Clock::now() - last_image_ >= kImageInterval;
}

bool LivePage::wants_image(const StepFinished& /*step*/) { return is_image_due(); }

void LivePage::on_image(const StepFinished& step, const Image& image) {
  last_image_ = Clock::now();
  data_.result = {"iteration " + std::to_string(step.iteration), kNow,
                  thumbnail_jpeg(image, kImageMaxPx)};
  served_.erase(kNow);
}

std::string LivePage::served(const NamedImage& image) {
  if (served_.insert(image.name).second) server_.publish(image.name, image.jpeg);
  // A new URL for every image under the same name, to bypass the browser's cache.
  if (image.name != kNow) return image.name;
  return image.name + "?" + std::to_string(last_image_.time_since_epoch().count());
}

void LivePage::refresh() {
  last_refresh_ = Clock::now();
  const std::string json =
      report_json(data_, collector_, [this](const NamedImage& image) { return served(image); });
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
