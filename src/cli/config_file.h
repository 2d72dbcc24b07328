// Flags written in a TOML file: the flags' own long names as keys, nothing else.
#pragma once

#include <string>
#include <string_view>

#include "cli/flag_settings.h"
#include "cli/flag_table.h"

namespace styletransfer::cli {

/// Reads TOML into settings of the flags of `table`, in the order of the text. A key is a flag's
/// long name without dashes. Numbers and texts are given as the flag takes them (either will do for
/// a number); a toggle is true or false; a list of names or numbers ("A,B,...") is an array or one
/// text; a flag that may be repeated is an array, one entry each time, or a single value; an entry
/// of `pass` may be a table {size = 256, iterations = 150}.
/// `origin` names the text in messages: "run.toml".
/// Throws UsageError, one line with origin and line: what is not TOML, unknown keys, a key given
/// twice, a wrong type. Values are checked by the flags' setters: apply_settings.
[[nodiscard]] Settings read_config_text(std::string_view text, const std::string& origin,
                                        const FlagTable& table);

/// The same of a file of at most 1 MB. Throws UsageError also when it cannot be read.
[[nodiscard]] Settings read_config_file(const std::string& path, const FlagTable& table);

}  // namespace styletransfer::cli
