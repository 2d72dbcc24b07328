#include "cli/time_limit.h"

#include <algorithm>

#include "base/process_clock.h"

namespace styletransfer::cli {

double time_left(double limit_seconds, double reserve_seconds) {
  constexpr double kShortestRun = 0.001;
  if (limit_seconds <= 0.0) return 0.0;
  return std::max(kShortestRun, limit_seconds - seconds_since_process_start() - reserve_seconds);
}

}  // namespace styletransfer::cli
