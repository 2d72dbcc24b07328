// --config, --preset and --print-config.
#pragma once

#include <string>

#include "cli/args/flag_layers.h"
#include "cli/args/flag_table.h"

namespace styletransfer::cli {

struct ConfigFlags {
  std::string config_path;
  /// Empty: none.
  std::string preset;
  bool print_config = false;
};

/// Whether to add --preset, which only commands that optimize images take.
enum class WithPresets { kNo, kYes };
void add_config_flags(FlagTable& table, ConfigFlags& flags, WithPresets presets);

/// Settings from the preset and the configuration file, below the command line; the file overrides
/// the preset. Throws UsageError.
[[nodiscard]] Settings settings_below(const ConfigFlags& flags, const FlagTable& table);

}  // namespace styletransfer::cli
