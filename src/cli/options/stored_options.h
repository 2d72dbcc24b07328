// Options as JSON, for the settings that are stored with a result, and their comparison.
#pragma once

#include <string>

#include "cli/args/option_table.h"

namespace styletransfer::cli {

/// The values of all rows that are stored: {"history": 20, "schedule": {"size": 512, ...}}.
[[nodiscard]] Json stored_options(const OptionTable& table);

/// The same without those that are stored for people only.
[[nodiscard]] Json compared_options(const OptionTable& table);

/// The first value of `now` that `there` has not: "style_weight is 12.0 there and 20.0 now"; empty
/// when it has all of them. What else is in `there` is ignored. `key`: the name of both in the
/// message.
[[nodiscard]] std::string first_difference(const Json& there, const Json& now,
                                           const std::string& key = "settings");

}  // namespace styletransfer::cli
