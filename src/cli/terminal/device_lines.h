// Messages about the device.
#pragma once

#include "styletransfer/runtime.h"

namespace styletransfer::cli {

/// Logs why this machine's GPU is not used, if so.
void report_fallback(const Runtime& runtime);

/// Logs the device, and the reason of report_fallback.
void report_device(const Runtime& runtime);

}  // namespace styletransfer::cli
