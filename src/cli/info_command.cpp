// `info`: the facts of a picture file and the settings stored in it.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/formatted.h"
#include "cli/job_files.h"

namespace styletransfer::cli {
namespace {

/// Indented when it is JSON, as it is otherwise.
std::string readable(const std::string& settings) {
  const auto json = nlohmann::ordered_json::parse(settings, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? settings : json.dump(2);
}

}  // namespace

int run_command(const PictureInfoOptions& command) {
  const ImageFileInfo file = look_at_picture("", command.picture_path);
  const auto settings = read_settings(command.picture_path);
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
