// --print-config: the flags of a run as a TOML file that reproduces it.
#pragma once

#include <string>

#include "cli/args/flag_layers.h"

namespace styletransfer::cli {

/// Every flag of the table in its group: set flags as TOML, the others commented out with their
/// default. read_config_text reads the same settings back. Throws UsageError for text that TOML
/// cannot hold (a file name that is not UTF-8).
[[nodiscard]] std::string config_text(const Settings& settings, const FlagTable& table);

}  // namespace styletransfer::cli
