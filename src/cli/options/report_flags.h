// --report and --watch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/args/flag_table.h"

namespace styletransfer::cli {

struct ReportOptions {
  /// Each ends in .json or .html.
  std::vector<std::string> report_paths;
  /// 0: any free port; unset: no live page.
  std::optional<int> watch_port;
  /// The flags that reproduce the image, whether from the command line or a file; without --report
  /// and --watch.
  std::vector<std::string> arguments;
};

/// Adds --report with this help text.
void add_report_flag(FlagTable& table, const std::string& help, ReportOptions& reports);
/// Adds --report and --watch.
void add_report_flags(FlagTable& table, ReportOptions& reports);
/// Throws UsageError, naming --report, when no report can be written to `path`.
void check_report_path(const std::string& path, bool may_replace);

}  // namespace styletransfer::cli
