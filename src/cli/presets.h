// Configurations that come with the program: the files of docs/presets, built in.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

struct Preset {
  std::string name;
  /// TOML, as --config takes it.
  std::string text;
};

/// In the order of their names.
[[nodiscard]] const std::vector<Preset>& presets();

/// "classic|gatys|poster|tutorial".
[[nodiscard]] std::string preset_names();

/// Throws UsageError naming `flag` and the nearest name.
[[nodiscard]] const Preset& find_preset(const std::string& flag, const std::string& name);

}  // namespace styletransfer::cli
