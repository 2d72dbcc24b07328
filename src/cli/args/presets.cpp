#include "cli/args/presets.h"

#include "cli/args/values.h"

namespace styletransfer::cli {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Preset& preset : presets()) all.push_back(preset.name);
  return all;
}

}  // namespace

std::string preset_names() { return detail::joined(names(), "|"); }

const Preset& find_preset(const std::string& flag, const std::string& name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset;
  }
  refuse_value(flag, name,
               "choose " + either_of(names()) + did_you_mean(name, names()) +
                   "  (for your own file use --config)");
}

}  // namespace styletransfer::cli
