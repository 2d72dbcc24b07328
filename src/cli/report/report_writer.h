// Report files and live page of a run.
#pragma once

#include <optional>

#include "cli/options/options.h"
#include "cli/report/live_page.h"
#include "cli/report/report_data.h"
#include "styletransfer/image.h"

namespace styletransfer::cli {

class ReportWriter {
 public:
  /// Call before any expensive work: checks that the reports can be written, opens the page's port,
  /// and adds its observers to `observers`, if a report is wanted. Throws UsageError. All arguments
  /// must outlive this; `run` is read whenever a report is made.
  ReportWriter(const StylizeOptions& options, const RunReport& run, Observers& observers);

  /// Call when the inputs are decoded and the optimization starts.
  void on_inputs_read(const Job& job);
  void on_painted(const Image& image);
  /// Call at the end of the run, with its report complete; writes the reports. Throws RunError.
  void on_ended();
  /// The same for a run that failed; does not throw.
  void on_failed() noexcept;

 private:
  [[nodiscard]] bool is_wanted() const { return collector_.has_value(); }
  void write_reports() const;

  const StylizeOptions& options_;
  ReportData data_;
  std::optional<ReportCollector> collector_;
  std::optional<LiveServer> server_;
  std::optional<LivePage> page_;
};

}  // namespace styletransfer::cli
