// --time-limit, which counts from the start of the process.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Seconds left of a time limit, minus `reserve_seconds` for writing the result. Always positive
/// when there is a limit, since 0 means no limit; 0 stays 0.
[[nodiscard]] double time_left(double limit_seconds, double reserve_seconds = 0.0);

/// "time limit: pass 1/2 made 18 of 40 iterations"; empty when the limit ended no pass.
[[nodiscard]] std::string time_limit_text(const std::vector<PassReport>& passes);

}  // namespace styletransfer::cli
