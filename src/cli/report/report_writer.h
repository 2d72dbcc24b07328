// Report files and live page of a run.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/options/options.h"
#include "cli/report/live_page.h"
#include "cli/report/report_data.h"

namespace styletransfer::cli {

class ReportWriter {
 public:
  /// Call before any expensive work: checks that the reports can be written and opens the page's
  /// port. Throws UsageError. `options` and `reporter` must outlive this.
  ReportWriter(const StylizeOptions& options, Observer& reporter);

  /// The observer for the run: only the reporter when no report is requested.
  [[nodiscard]] Observer& observer();

  /// Call when the inputs are decoded and the optimization starts.
  void on_inputs_read(const Job& job, const std::string& settings_json);
  void on_painted(const Result& result);
  /// Call when the image is written; writes the reports. Throws RunError.
  void on_written(const Result& result);
  /// Records the failure of a started run in the reports. Does not throw.
  void on_failure(const std::string& message) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_wanted() const { return collector_.has_value(); }
  /// Seconds since the last call.
  double lap_seconds();
  void write_reports() const;

  const StylizeOptions& options_;
  Observer& reporter_;
  Clock::time_point lap_start_ = Clock::now();
  ReportData data_;
  std::optional<LiveServer> server_;
  std::optional<LivePage> page_;
  std::optional<ReportCollector> collector_;
};

}  // namespace styletransfer::cli
