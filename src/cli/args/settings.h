// Options as texts, from three sources: the command line overrides a file, which overrides a
// preset.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/args/option_table.h"

namespace styletransfer::cli {

/// Where a setting comes from; earlier ones override later ones.
enum class Source { kCommandLine, kConfigFile, kPreset };

/// One option's texts from one source.
struct Setting {
  /// "--size".
  std::string flag;
  /// One string; several for a repeated option; "true" or "false" for a toggle.
  Texts texts;
  /// The option's name in messages: "--size", "run.toml:3: size".
  std::string where;
  Source source = Source::kCommandLine;
};

using Settings = std::vector<Setting>;

/// Null for an option that is not set.
[[nodiscard]] const Setting* find_setting(const Settings& settings, const std::string& flag);

/// True for an option that has a value, or a toggle that is on.
[[nodiscard]] bool is_set(const Settings& settings, const std::string& flag);

/// Runs the setters. Throws OptionError that names where the value was given.
void apply_settings(const Settings& settings, const OptionTable& table);

/// The settings as command-line arguments, in table order, without options about the call.
[[nodiscard]] std::vector<std::string> arguments_of(const Settings& settings,
                                                    const OptionTable& table);

/// Makes a command from settings. Throws OptionError for what does not go together.
using Build = std::function<void(const Settings& settings)>;

/// Merges the layers, the highest first, option by option, and builds the command from them. An
/// option that conflicts with one of a higher layer is dropped: a file may set history = 50 while
/// the command line has --optimizer adam. Returns the settings in effect. Throws OptionError for
/// any other conflict, with the places where the options were set.
Settings settled(const std::vector<Settings>& layers, const OptionTable& table, const Build& build);

}  // namespace styletransfer::cli
