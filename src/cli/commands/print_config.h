// --print-config: the flags of a run as a TOML file that reproduces it.
#pragma once

#include <string>

#include "cli/args/settings.h"

namespace styletransfer::cli {

/// Every option of the table in its group: those that are set as TOML, the others commented out
/// with their default. read_config_text reads the same settings back. Throws UsageError for text
/// that TOML cannot hold (a file name that is not UTF-8).
[[nodiscard]] std::string config_text(const Settings& settings, const OptionTable& table);

}  // namespace styletransfer::cli
