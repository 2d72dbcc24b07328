#include "cli/options/report_flags.h"

#include <algorithm>

#include "base/output_target.h"
#include "cli/args/values.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr int kFirstOpenPort = 1024;
constexpr int kLastPort = 65535;

}  // namespace

void add_report_flag(FlagTable& table, const std::string& help, ReportOptions& reports) {
  table.group("Report");
  table.repeated("--report", "FILE", help, [&](const std::string& flag, const std::string& text) {
    auto& paths = reports.report_paths;
    if (!text.ends_with(".json") && !text.ends_with(".html")) {
      refuse_value(flag, text, "the file name must end in .json or .html");
    }
    if (std::find(paths.begin(), paths.end(), text) != paths.end()) {
      refuse_value(flag, text, "is given twice; leave one out");
    }
    paths.push_back(text);
  });
}

void add_report_flags(FlagTable& table, ReportOptions& reports) {
  add_report_flag(table, "write a report of the run, .json or .html; repeat for both", reports);
  table.optional(
      "--watch", "[PORT]", "show the run live on a local web page, on PORT or any free port", "any",
      [&](const std::string& flag, const std::string& text) {
        reports.watch_port = text == "any" ? 0 : parse_int(flag, text, kFirstOpenPort, kLastPort);
      });
}

void check_report_path(const std::string& path, bool may_replace) {
  try {
    check_output_target(path, may_replace);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--report: ") + error.what());
  }
}

}  // namespace styletransfer::cli
