#include "cli/device_lines.h"

#include "cli/log/log.h"

namespace styletransfer::cli {

void tell_fallback(const Runtime& runtime) {
  if (runtime.fallback_reason.empty()) return;
  log_info("working on the CPU, not on the GPU: " + runtime.fallback_reason);
}

void tell_device(const Runtime& runtime) {
  log_info("device " + runtime.description);
  tell_fallback(runtime);
}

}  // namespace styletransfer::cli
