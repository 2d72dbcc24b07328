// Values of one listed pass, as --pass has them: "size=256,iterations=70". The keys are the options
// of the table that have a PassKey.
#pragma once

#include <string>

#include "cli/args/option_table.h"

namespace styletransfer::cli {

/// Parses "size=256,iterations=70". Throws OptionError.
[[nodiscard]] PassOverrides set_pass(const OptionTable& table, const std::string& where,
                                     const std::string& text);

/// The text that set_pass() reads back, with the keys in the table's order.
[[nodiscard]] std::string pass_text(const OptionTable& table, const PassOverrides& pass);

}  // namespace styletransfer::cli
