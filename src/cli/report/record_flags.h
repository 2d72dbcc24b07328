// --report and --watch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flag_table.h"

namespace styletransfer::cli {

struct RecordOptions {
  /// Each ends in .json or .html.
  std::vector<std::string> report_paths;
  /// 0: any free port. Unset: no live page.
  std::optional<int> watch_port;
  /// The flags that make the picture again, as given in whatever place; without --report, --watch.
  std::vector<std::string> arguments;
};

/// --report, with these words of what it is.
void add_report_flag(FlagTable& table, const std::string& help, RecordOptions& records);
/// --report and --watch of a run.
void add_record_flags(FlagTable& table, RecordOptions& records);
/// Throws UsageError, naming --report, where no report can be written to `path`.
void check_report_path(const std::string& path, bool may_replace);

}  // namespace styletransfer::cli
