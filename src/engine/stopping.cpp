#include "styletransfer/stopping.h"

#include <cmath>
#include <string>

#include "styletransfer/error.h"

namespace styletransfer {

void StoppingOptions::validate() const {
  if (!(time_limit_seconds >= 0.0) || !std::isfinite(time_limit_seconds)) {
    throw UsageError("--time-limit: must be 0 seconds or more");
  }
  if (!(plateau_percent > 0.0 && plateau_percent < 100.0)) {
    throw UsageError("--plateau-threshold " + std::to_string(plateau_percent) +
                     ": must be above 0 and below 100 percent");
  }
  if (plateau_window < 1)
    throw UsageError("the window of --stop-on-plateau must be 1 step or more");
}

}  // namespace styletransfer
