// The flags that say where other flags come from.
#pragma once

#include <string>

#include "cli/flag_settings.h"
#include "cli/flag_table.h"

namespace styletransfer::cli {

struct ConfigFlags {
  std::string config_path;
  /// Empty: none.
  std::string preset;
  bool print_config = false;
};

/// --preset too, for commands that paint pictures by steps.
enum class WithPresets { kNo, kYes };
void add_config_flags(FlagTable& table, ConfigFlags& flags, WithPresets presets);

/// What lies under the command line, later layers over earlier ones. Throws UsageError.
[[nodiscard]] Settings settings_below(const ConfigFlags& flags, const FlagTable& table);

}  // namespace styletransfer::cli
