// What a run leaves behind and shows beside its picture: report files and the live page.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/options.h"
#include "cli/report/live_page.h"
#include "cli/report/run_story.h"

namespace styletransfer::cli {

class PictureJob;

class RunRecords {
 public:
  /// Before any heavy work: checks that the reports can be written and opens the page's port.
  /// Throws UsageError. `options` and `reporter` must outlive the records.
  RunRecords(const StylizeOptions& options, Observer& reporter);

  /// Who should watch the run: the reporter alone where no record is wanted.
  [[nodiscard]] Observer& observer();

  /// The inputs are decoded; painting begins.
  void on_inputs_read(const PictureJob& picture);
  void on_painted(const Result& result);
  /// The picture is written; so are the reports. Throws RunError.
  void on_written(const Result& result);
  /// The run failed, if it had begun: the reports say so. Throws nothing.
  void on_failure(const std::string& words) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_wanted() const { return recording_.has_value(); }
  /// Seconds since the last call.
  double lap_seconds();
  void write_reports() const;

  const StylizeOptions& options_;
  Observer& reporter_;
  Clock::time_point lap_start_ = Clock::now();
  RunStory story_;
  std::optional<LiveServer> server_;
  std::optional<LivePage> page_;
  std::optional<RunRecording> recording_;
};

}  // namespace styletransfer::cli
