#include "cli/presets.h"

#include "cli/values.h"

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
               "choose " + either_of(names()) + detail::did_you_mean(name, names()) +
                   " (--config takes a file of your own)");
}

}  // namespace styletransfer::cli
