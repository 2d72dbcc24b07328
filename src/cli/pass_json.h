// A finished pass as it stands in stored settings and in reports.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "styletransfer/pass_report.h"

namespace styletransfer::cli {

[[nodiscard]] nlohmann::ordered_json pass_json(const PassReport& report);

}  // namespace styletransfer::cli
