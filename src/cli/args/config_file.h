// TOML configuration files: the keys are the flags' long names without dashes.
#pragma once

#include <string>
#include <string_view>

#include "cli/args/flag_layers.h"
#include "cli/args/flag_table.h"

namespace styletransfer::cli {

/// Reads TOML into settings for the flags of `table`, in file order. A number may be given as a
/// number or a string; a toggle is true or false; a list ("A,B,...") is an array or one string; a
/// repeatable flag is an array with one entry per use, or a single value; an entry of `pass` may be
/// a table {size = 256, iterations = 150}.
/// `origin` names the text in messages: "run.toml".
/// Throws UsageError, one line with origin and line number, for invalid TOML, unknown keys, a key
/// given twice and a wrong type. Values are checked later by the flags' setters (apply_settings).
[[nodiscard]] Settings read_config_text(std::string_view text, const std::string& origin,
                                        const FlagTable& table);

/// Same for a file of at most 1 MB. Also throws UsageError when the file cannot be read.
[[nodiscard]] Settings read_config_file(const std::string& path, const FlagTable& table);

}  // namespace styletransfer::cli
