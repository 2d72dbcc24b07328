// --report and --watch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "styletransfer/bounds.h"

namespace styletransfer::cli {

struct ReportOptions {
  /// Each ends in .json or .html.
  std::vector<std::string> report_paths;
  /// 0: any free port; unset: no live page.
  std::optional<int> watch_port;
  static constexpr Bounds<int> kWatchPort{1024, 65535};
  /// The flags that reproduce the image, whether from the command line or a file; without --report
  /// and --watch.
  std::vector<std::string> arguments;
};

/// Throws UsageError, naming --report, when no report can be written to `path`.
void check_report_path(const std::string& path, bool may_replace);

}  // namespace styletransfer::cli
