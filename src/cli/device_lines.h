// What the command line says of the device.
#pragma once

#include "styletransfer/runtime.h"

namespace styletransfer::cli {

/// Says why the GPU of this machine is not used, where that is so.
void tell_fallback(const Runtime& runtime);

/// Says which device it is, with that.
void tell_device(const Runtime& runtime);

}  // namespace styletransfer::cli
