// TOML configuration files: the keys are the options' long names without dashes.
#pragma once

#include <string>
#include <string_view>

#include "cli/args/settings.h"

namespace styletransfer::cli {

/// Reads TOML into settings for the options of `table`, in file order. A number may be given as a
/// number or a string; a toggle is true or false; a list ("A,B,...") is an array or one string; a
/// repeatable option is an array with one entry per use, or a single value; an entry of `pass` may
/// be a table {size = 256, iterations = 150}.
/// `origin` names the text in messages: "run.toml".
/// Throws UsageError, one line with origin and line number, for invalid TOML, unknown keys, a key
/// given twice and a wrong type. Values are checked later by the options' setters (apply_settings).
[[nodiscard]] Settings read_config_text(std::string_view text, const std::string& origin,
                                        const OptionTable& table, Source source);

/// Same for a file of at most 1 MB. Also throws UsageError when the file cannot be read.
[[nodiscard]] Settings read_config_file(const std::string& path, const OptionTable& table);

}  // namespace styletransfer::cli
