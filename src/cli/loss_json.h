// The choices of a loss as they stand in stored settings.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "styletransfer/losses.h"

namespace styletransfer::cli {

[[nodiscard]] nlohmann::ordered_json loss_json(const LossOptions& loss);

}  // namespace styletransfer::cli
