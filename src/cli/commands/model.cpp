// `model info` and `model import`.
#include "styletransfer/model.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "cli/args/values.h"
#include "cli/commands/commands.h"
#include "cli/options/choices.h"
#include "cli/terminal/formatted.h"
#include "feedforward/network_facts.h"
#include "serialization/network_file_type.h"
#include "serialization/torchscript_archive.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

std::string triple_text(const std::array<double, 3>& values) {
  return number_text(values[0]) + ", " + number_text(values[1]) + ", " + number_text(values[2]);
}

std::string input_text(const InputConvention& input) {
  return std::string(input.bgr ? "B G R" : "R G B") + ", " + number_text(input.scale) +
         " x value in 0..1, minus mean (" + triple_text(input.mean) + "), divided by std (" +
         triple_text(input.stddev) + ")";
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

/// The stored convention as the flags of `apply` name it.
std::string convention_text(const ConventionClues& clues) {
  if (!clues.input_range) return "not stored; apply needs --convention or --input-range";
  std::string text = clues.bgr.value_or(false) ? "B G R, " : "R G B, ";
  text += name_of(*clues.input_range, kValueRanges);
  if (clues.mean) text += ", minus mean (" + triple_text(*clues.mean) + ")";
  if (clues.stddev) text += ", divided by std (" + triple_text(*clues.stddev) + ")";
  if (clues.multiple_of) {
    text += ", width and height multiples of " + std::to_string(*clues.multiple_of);
  }
  return text;
}

/// `values`: JSON of the training; "size 256, iterations 4000, ..." without hashes and layers.
std::string training_text(const std::string& values) {
  const auto json = nlohmann::ordered_json::parse(values, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return values;
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (value.is_number()) {
      text += (text.empty() ? "" : ", ") + key + " " + number_text(value.get<double>());
    }
  }
  return text;
}

std::string feed_forward_text(const std::string& path, NetworkTrust trust) {
  const detail::FeedForwardFacts facts = detail::read_feed_forward_facts(path, trust);
  std::string text = "kind        feed-forward network";
  if (!facts.kind.empty()) text += " (" + facts.kind + ")";
  text += "\nuse         styletransfer apply --network " + shell_command({path}) + " IMAGE\n";
  if (!facts.style.empty()) text += "style       " + facts.style + "\n";
  text += "input       " + convention_text(facts.clues) + "\n";
  const auto output = facts.clues.output_range ? facts.clues.output_range : facts.clues.input_range;
  if (output) text += "output      " + name_of(*output, kValueRanges) + "\n";
  if (!facts.training.empty()) text += "training    " + training_text(facts.training) + "\n";
  text += "parameters  " + std::to_string(facts.parameters) + "\n";
  text += "layers      " + std::to_string(facts.convolutions.size()) + " convolutions\n";
  for (const detail::ConvolutionFacts& layer : facts.convolutions) {
    text += formatted("  %-24s weight", layer.name.c_str());
    for (const std::int64_t extent : layer.shape) text += " " + std::to_string(extent);
    text += "\n";
  }
  return text;
}

std::string file_text(const std::string& path, std::uint64_t bytes) {
  return "file        " + path + "\nbytes       " + std::to_string(bytes) + "\nsha256      " +
         file_sha256(path) + "\n";
}

/// False also for a file that cannot be used at all: load_network then says why.
bool is_feed_forward_file(const std::string& path) {
  try {
    return detail::network_file_type_of(path) == detail::NetworkFileType::kForeignTorchScript;
  } catch (const detail::UnusableNetwork&) {
    return false;
  }
}

}  // namespace

int run_command(const ModelInfoOptions& command) {
  if (command.trusts_network) {
    log_warning("--trust: the code in the network file is not checked");
  }
  const NetworkTrust trust =
      command.trusts_network ? NetworkTrust::kTrusted : NetworkTrust::kChecked;
  const std::string& given = command.model_path;
  if (!given.empty() && is_feed_forward_file(given)) {
    const std::string facts = feed_forward_text(given, trust);
    std::fputs((file_text(given, std::filesystem::file_size(given)) + facts).c_str(), stdout);
    return 0;
  }
  const Network network = load_network(find_network(given), trust);
  std::string text = file_text(network.path, static_cast<std::uint64_t>(network.file_bytes));
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
                     " already exists; add --overwrite or choose another file");
  }
  import_network(command.weights_path, command.output_path, command.input);
  const Network network = load_network(command.output_path);
  log_info("wrote " + command.output_path + ", " + std::to_string(network.layers.size()) +
           formatted(" layers, %.1f MB", static_cast<double>(network.file_bytes) / 1e6));
  return 0;
}

}  // namespace styletransfer::cli
