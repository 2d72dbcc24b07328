#include "cli/report/record_flags.h"

#include <algorithm>

#include "base/output_target.h"
#include "cli/values.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

constexpr int kFirstOpenPort = 1024;
constexpr int kLastPort = 65535;

}  // namespace

void add_report_flag(FlagTable& table, const std::string& help, RecordOptions& records) {
  table.group("Record");
  table.repeated("--report", "FILE", help, [&](const std::string& flag, const std::string& text) {
    auto& paths = records.report_paths;
    if (!text.ends_with(".json") && !text.ends_with(".html")) {
      refuse_value(flag, text, "end the name in .json or .html");
    }
    if (std::find(paths.begin(), paths.end(), text) != paths.end()) {
      refuse_value(flag, text, "is given twice; leave one out");
    }
    paths.push_back(text);
  });
}

void add_record_flags(FlagTable& table, RecordOptions& records) {
  add_report_flag(
      table, "a record of the run: .json for programs, .html a page to look at; again for both",
      records);
  table.optional("--watch", "[PORT]",
                 "show the run on a page of this machine while it goes on; any free port, or this",
                 "any", [&](const std::string& flag, const std::string& text) {
                   records.watch_port =
                       text == "any" ? 0 : parse_int(flag, text, kFirstOpenPort, kLastPort);
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
