#include "cli/args/config_flags.h"

#include "cli/args/config_file.h"
#include "cli/args/presets.h"

namespace styletransfer::cli {

void add_config_flags(FlagTable& table, ConfigFlags& flags, WithPresets presets) {
  table.group("Configuration");
  table.value("--config", "FILE", "flags from a TOML file; the command line wins", "",
              [&](const std::string&, const std::string& text) { flags.config_path = text; });
  if (presets == WithPresets::kYes) {
    table.value("--preset", preset_names(),
                "flags from a file that comes with the program; --config and the command line win",
                "", [&](const std::string& flag, const std::string& text) {
                  flags.preset = find_preset(flag, text).name;
                });
  }
  table.toggle("--print-config", "print the flags as TOML for --config, and end",
               flags.print_config);
}

Settings settings_below(const ConfigFlags& flags, const FlagTable& table) {
  Settings settings;
  if (!flags.preset.empty()) {
    const Preset& preset = find_preset("--preset", flags.preset);
    settings = read_config_text(preset.text, "preset " + preset.name, table);
  }
  if (flags.config_path.empty()) return settings;
  return overridden(settings, read_config_file(flags.config_path, table));
}

}  // namespace styletransfer::cli
