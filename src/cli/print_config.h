// --print-config: the flags of a run as a TOML file that makes the run again.
#pragma once

#include <string>

#include "cli/flag_settings.h"

namespace styletransfer::cli {

/// Every flag of the table in its group: those set as TOML, the others behind a # with their
/// default. read_config_text reads the same settings back. Throws UsageError for a text that TOML
/// cannot hold (a file name that is not UTF-8).
[[nodiscard]] std::string config_text(const Settings& settings, const FlagTable& table);

}  // namespace styletransfer::cli
