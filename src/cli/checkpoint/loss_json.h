// Loss options as JSON, for stored settings.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "styletransfer/loss_options.h"

namespace styletransfer::cli {

[[nodiscard]] nlohmann::ordered_json loss_json(const LossOptions& loss);

}  // namespace styletransfer::cli
