// The command that makes an image again, from the settings stored in the image.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

struct StoredCommand {
  /// Program, subcommand and flags; only flags that differ from the defaults.
  std::vector<std::string> arguments;
  /// What the settings do not hold, one sentence each.
  std::vector<std::string> notes;
};

/// `settings`: as stored_settings wrote them. `image_path`: the value for --output. Throws
/// UsageError when the settings are not this program's.
[[nodiscard]] StoredCommand stored_command(const std::string& settings,
                                           const std::string& image_path);

}  // namespace styletransfer::cli
