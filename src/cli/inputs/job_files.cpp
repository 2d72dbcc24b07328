#include "cli/inputs/job_files.h"

#include <algorithm>

#include "cli/args/values.h"
#include "cli/inputs/mask_files.h"
#include "cli/terminal/flag_synonyms.h"
#include "cli/terminal/log.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"

namespace styletransfer::cli {
namespace {

/// Loss layers can be any layers except pooling, whose output depends on --pooling.
void check_layers(const std::string& flag, const std::vector<std::string>& wanted,
                  const Network& network) {
  std::vector<std::string> known;
  for (const Layer& layer : network.layers) known.push_back(layer.name);
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      refuse_value(flag, name,
                   "the network has no such layer" + did_you_mean(name, known) +
                       " (styletransfer model info lists the layers)");
    }
  }
}

/// `style` counts from 0.
double style_scale(const JobOptions& options, std::size_t style) {
  if (options.style_scale.empty()) return Style().scale;
  return options.style_scale[options.style_scale.size() == 1 ? 0 : style];
}

}  // namespace

void inspect_styles(const JobOptions& options, InputFiles& files) {
  for (const std::string& path : options.style_paths) {
    static_cast<void>(files.inspect(options.style_flag, path));
  }
  inspect_masks(options, files);
}

void open_styles(const JobOptions& options, int largest_px, InputFiles& files, StyleImages& images,
                 Job& job) {
  for (std::size_t i = 0; i < options.style_paths.size(); ++i) {
    Style style;
    style.blend = options.style_blend.empty() ? 1.0 : options.style_blend[i];
    style.scale = style_scale(options, i);
    style.image = images.at(files, options.style_flag, options.style_paths[i],
                            style_long_edge_px(largest_px, style.scale));
    job.styles.push_back(std::move(style));
  }
  open_masks(options, largest_px, files, job);
}

NetworkTrust trust_of(const JobOptions& options) {
  return options.trusts_networks ? NetworkTrust::kTrusted : NetworkTrust::kChecked;
}

Network open_network(const JobOptions& options) {
  const std::string path = find_network(options.model_path);
  Network network = load_network(path, trust_of(options));
  log_detail("network " + path + " (" + network.source + ")");
  check_layers("--content-layers", options.job.loss.content_layers, network);
  check_layers("--style-layers", options.job.loss.style_layers, network);
  return network;
}

}  // namespace styletransfer::cli
