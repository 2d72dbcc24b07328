#include "cli/inputs/time_limit.h"

#include <algorithm>

#include "base/system/process_clock.h"

namespace styletransfer::cli {

double time_left(double limit_seconds, double reserve_seconds) {
  constexpr double kShortestRun = 0.001;
  if (limit_seconds <= 0.0) return 0.0;
  return std::max(kShortestRun, limit_seconds - seconds_since_process_start() - reserve_seconds);
}

std::string time_limit_text(const std::vector<PassReport>& passes) {
  std::string text;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const PassReport& pass = passes[i];
    if (pass.stop_reason != StopReason::kTimeLimit) continue;
    text += (text.empty() ? "time limit: pass " : "; pass ") + std::to_string(i + 1) + "/" +
            std::to_string(passes.size()) + " made " + std::to_string(pass.evaluations) + " of " +
            std::to_string(pass.pass.iterations) + " iterations";
  }
  return text;
}

}  // namespace styletransfer::cli
