// A finished pass as JSON, for stored settings and reports.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "styletransfer/run_report.h"

namespace styletransfer::cli {

[[nodiscard]] nlohmann::ordered_json pass_json(const PassReport& report);

}  // namespace styletransfer::cli
