// --watch: the report's page, served while the run goes on.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "cli/report/live_server.h"
#include "cli/report/run_story.h"
#include "detail/forwarding_observer.h"

namespace styletransfer::cli {

/// Costs nothing while nobody looks, and about a picture a second while somebody does.
class LivePage : public detail::ForwardingObserver {
 public:
  /// All three must outlive the page.
  LivePage(Observer& next, LiveServer& server, RunStory& story);

  /// The recording that stands behind this observer.
  void show(const RunRecording& recording) { recording_ = &recording; }

  Continue on_step_finished(const StepFinished& step) override;
  bool wants_picture(const StepFinished& step) override;
  void on_picture(const StepFinished& step, const Image& picture) override;

  /// The page as it is now, for who opens or reads it next.
  void refresh();
  /// The end of the run, and a moment (under a second) for an open page to get it.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_picture_due() const;
  /// Serves the picture and returns its address on the page.
  [[nodiscard]] std::string served(const NamedPicture& picture);

  LiveServer& server_;
  RunStory& story_;
  const RunRecording* recording_ = nullptr;
  bool told_stop_ = false;
  std::set<std::string> served_;
  Clock::time_point last_refresh_;
  Clock::time_point last_picture_;
};

}  // namespace styletransfer::cli
