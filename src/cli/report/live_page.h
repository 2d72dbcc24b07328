// --watch: the report page, served during the run.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "cli/report/live_server.h"
#include "cli/report/report_data.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// Costs nothing while no browser is open, and about one image encoding per second otherwise.
class LivePage : public Observer {
 public:
  /// `collector` must be told of each step before the page. Messages go to `messages`. All
  /// arguments must outlive the page.
  LivePage(Observer& messages, LiveServer& server, ReportData& data,
           const ReportCollector& collector);

  Continue on_step_finished(const StepFinished& step) override;
  bool wants_image(const StepFinished& step) override;
  void on_image(const StepFinished& step, const Image& image) override;

  /// Publishes the current page.
  void refresh();
  /// Publishes the end of the run and waits up to a second for an open page to fetch it.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_image_due() const;
  /// Publishes the image and returns its URL on the page.
  [[nodiscard]] std::string served(const NamedImage& image);

  Observer& messages_;
  LiveServer& server_;
  ReportData& data_;
  const ReportCollector& collector_;
  bool reported_stop_ = false;
  std::set<std::string> served_;
  Clock::time_point last_refresh_;
  Clock::time_point last_image_;
};

}  // namespace styletransfer::cli
