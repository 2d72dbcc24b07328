#include "cli/terminal/device_lines.h"

#include "cli/terminal/log.h"

namespace styletransfer::cli {

void report_fallback(const Runtime& runtime) {
  if (runtime.fallback_reason.empty()) return;
  log_info("using the CPU instead of the GPU: " + runtime.fallback_reason);
}

void report_device(const Runtime& runtime) {
  log_info("device " + runtime.description);
  report_fallback(runtime);
}

}  // namespace styletransfer::cli
