// Values of flags as text, from the command line, from a file or from a preset; and how one layer
// of them overrides another.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/flag_table.h"

namespace styletransfer::cli {

/// One flag as set in one place.
struct Setting {
  /// "--size".
  std::string flag;
  /// One text; several for a repeated flag; "true" or "false" for a toggle.
  std::vector<std::string> texts;
  /// The flag's name in messages: "--size", "run.toml:3: size".
  std::string where;
};

using Settings = std::vector<Setting>;

/// Null for a flag that is not set.
[[nodiscard]] const Setting* find_setting(const Settings& settings, const std::string& flag);

/// True for a flag that has a value, or a toggle that is on.
[[nodiscard]] bool is_set(const Settings& settings, const std::string& flag);

/// What the command line gave of the flags in `table`.
[[nodiscard]] Settings command_line_settings(const CLI::App& command, const FlagTable& table);

/// Both, with `higher` winning flag by flag: a repeated flag is replaced as a whole.
[[nodiscard]] Settings overridden(const Settings& lower, const Settings& higher);

/// Runs the setters. Throws UsageError, naming where the value was given.
void apply_settings(const Settings& settings, const FlagTable& table);

/// The settings as words of a command line, in the table's order, less the flags of `left_out`.
[[nodiscard]] std::vector<std::string> arguments_of(const Settings& settings,
                                                    const FlagTable& table,
                                                    const std::vector<std::string>& left_out);

/// The trouble with a set of flags, or "" when they go together.
using Judge = std::function<std::string(const Settings&)>;

/// `higher` over `lower`, less those flags of `lower` that only a flag of `higher` makes wrong: a
/// file may say history = 50 and the command line --optimizer adam. What is wrong without the
/// command line's help stays, for the caller to refuse.
[[nodiscard]] Settings settled(const Settings& lower, const Settings& higher, const Judge& judge);

/// `trouble`, with the places of the flags that it names and that `lower` sets.
[[nodiscard]] std::string with_places(const std::string& trouble, const Settings& lower);

}  // namespace styletransfer::cli
