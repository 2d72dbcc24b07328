// Built-in configurations: the files of docs/presets.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

struct Preset {
  std::string name;
  /// TOML, in the format of --config.
  std::string text;
};

/// Sorted by name.
[[nodiscard]] const std::vector<Preset>& presets();

/// "classic|gatys|poster|tutorial".
[[nodiscard]] std::string preset_names();

/// Throws OptionError that names `flag` and the closest preset name.
[[nodiscard]] const Preset& find_preset(const std::string& flag, const std::string& name);

}  // namespace styletransfer::cli
