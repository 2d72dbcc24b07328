// Flag values as text, in layers: the command line overrides a file, which overrides a preset.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/args/flag_table.h"

namespace styletransfer::cli {

/// One flag's value from one source.
struct Setting {
  /// "--size".
  std::string flag;
  /// One string; several for a repeated flag; "true" or "false" for a toggle.
  std::vector<std::string> texts;
  /// The flag's name in messages: "--size", "run.toml:3: size".
  std::string where;
};

using Settings = std::vector<Setting>;

/// Null for a flag that is not set.
[[nodiscard]] const Setting* find_setting(const Settings& settings, const std::string& flag);

/// True for a flag that has a value, or a toggle that is on.
[[nodiscard]] bool is_set(const Settings& settings, const std::string& flag);

/// Settings given on the command line for the flags in `table`.
[[nodiscard]] Settings command_line_settings(const CLI::App& command, const FlagTable& table);

/// Merges both layers; `higher` wins flag by flag, and a repeated flag is replaced as a whole.
[[nodiscard]] Settings overridden(const Settings& lower, const Settings& higher);

/// Runs the setters. Throws UsageError that names where the value was given.
void apply_settings(const Settings& settings, const FlagTable& table);

/// The settings as command-line arguments, in table order, without the flags in `left_out`.
[[nodiscard]] std::vector<std::string> arguments_of(const Settings& settings,
                                                    const FlagTable& table,
                                                    const std::vector<std::string>& left_out);

/// Returns the problem with a set of flags, or "" when they are compatible.
using Validate = std::function<std::string(const Settings&)>;

/// Merges the layers, dropping flags of `lower` that conflict only with a flag of `higher`: a file
/// may set history = 50 while the command line has --optimizer adam. Problems within `lower` alone
/// remain for the caller to report.
[[nodiscard]] Settings settled(const Settings& lower, const Settings& higher,
                               const Validate& validate);

/// Appends to `problem` where each flag that it names was set in `lower`.
[[nodiscard]] std::string with_places(const std::string& problem, const Settings& lower);

}  // namespace styletransfer::cli
