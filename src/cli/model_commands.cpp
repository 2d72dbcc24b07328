// `model info` and `model import`.
#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/formatted.h"
#include "cli/values.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"

namespace styletransfer::cli {
namespace {

std::string triple_text(const std::array<double, 3>& values) {
  return number_text(values[0]) + ", " + number_text(values[1]) + ", " + number_text(values[2]);
}

std::string input_text(const InputConvention& input) {
  return std::string(input.bgr ? "B G R" : "R G B") + ", " + number_text(input.scale) +
         " x value in 0..1, minus mean (" + triple_text(input.mean) + "), over deviation (" +
         triple_text(input.deviation) + ")";
}

std::string layer_text(const Layer& layer) {
  if (layer.kind == LayerKind::kRelu) return layer.name;
  if (layer.kind == LayerKind::kPool) return formatted("%-10s 2x2", layer.name.c_str());
  return formatted("%-10s %d -> %d channels, 3x3", layer.name.c_str(),
                   static_cast<int>(layer.weight.size(1)), static_cast<int>(layer.weight.size(0)));
}

std::int64_t parameter_count(const Network& network) {
  std::int64_t count = 0;
  for (const Layer& layer : network.layers) {
    if (layer.kind == LayerKind::kConvolution) count += layer.weight.numel() + layer.bias.numel();
  }
  return count;
}

}  // namespace

int run_command(const ModelInfoOptions& command) {
  if (command.trusts_network) {
    log_warning("--trust: the code in the network file is not checked");
  }
  const Network network =
      load_network(find_network(command.model_path),
                   command.trusts_network ? NetworkTrust::kTrusted : NetworkTrust::kChecked);
  std::string text = "file        " + network.path + "\n";
  text += "bytes       " + std::to_string(network.file_bytes) + "\n";
  text += "sha256      " + file_sha256(network.path) + "\n";
  text += "source      " + network.source + "\n";
  text += "input       " + input_text(network.input) + "\n";
  text += "parameters  " + std::to_string(parameter_count(network)) + "\n";
  text += "layers      " + std::to_string(network.layers.size()) + "\n";
  for (const Layer& layer : network.layers) text += "  " + layer_text(layer) + "\n";
  std::fputs(text.c_str(), stdout);
  return 0;
}

int run_command(const ModelImportOptions& command) {
  if (std::filesystem::exists(command.output_path) && !command.overwrite) {
    throw UsageError("--output " + command.output_path +
                     " exists; add --overwrite or name another file");
  }
  import_network(command.weights_path, command.output_path, command.input);
  const Network network = load_network(command.output_path);
  log_info("wrote " + command.output_path + ", " + std::to_string(network.layers.size()) +
           formatted(" layers, %.1f MB", static_cast<double>(network.file_bytes) / 1e6));
  return 0;
}

}  // namespace styletransfer::cli
