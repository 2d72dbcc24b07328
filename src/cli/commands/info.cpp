// `info`: shows an image file's properties and the settings stored in it.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/checkpoint/stored_command.h"
#include "cli/commands/commands.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/image_io.h"

namespace styletransfer::cli {
namespace {

/// Indents JSON; returns any other text unchanged.
std::string readable(const std::string& settings) {
  const auto json = nlohmann::ordered_json::parse(settings, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? settings : json.dump(2);
}

/// The command with comments above it, which a shell ignores.
std::string command_text(const std::string& settings, const std::string& image_path) {
  const StoredCommand command = stored_command(settings, image_path);
  std::string text;
  for (const std::string& note : command.notes) text += "# " + note + "\n";
  return text + shell_command(command.arguments) + "\n";
}

}  // namespace

int run_command(const ImageInfoOptions& command) {
  const ImageFileInfo file = probe_image(command.image_path);
  const auto settings = read_settings(command.image_path);
  if (command.wants_command) {
    std::fputs(command_text(settings.value_or(""), command.image_path).c_str(), stdout);
    return 0;
  }
  std::string text =
      formatted("file      %s\nformat    %s\n", file.path.c_str(), file.format.c_str());
  text += formatted("size      %dx%d\ndepth     %d bits\n", file.size.width_px, file.size.height_px,
                    file.bits_per_channel);
  text += formatted("alpha     %s\n", file.has_alpha ? "yes" : "no");
  text += "settings  " + (settings ? readable(*settings) : "none") + "\n";
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace styletransfer::cli
