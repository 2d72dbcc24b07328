#include "cli/options/report_options.h"

#include "base/output_target.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void check_report_path(const std::string& path, bool may_replace) {
  try {
    check_output_target(path, may_replace);
  } catch (const UsageError& error) {
    throw UsageError("--report: " + error.message());
  }
}

}  // namespace styletransfer::cli
