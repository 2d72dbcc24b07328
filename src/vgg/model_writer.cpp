// Network file writer: saves a Network as TorchScript, and imports weights from safetensors.
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <map>
#include <ostream>
#include <regex>

#include "base/atomic_file.h"
#include "serialization/network_file_type.h"
#include "serialization/safetensors.h"
#include "serialization/torchscript_archive.h"
#include "styletransfer/error.h"
#include "styletransfer/model.h"
#include "vgg/network_format.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;
using torch::jit::Module;

/// TorchScript source of a layer's forward method.
const char* forward_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::kConvolution:
      return "def forward(self, x):\n"
             "    return torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1])\n";
    case LayerKind::kRelu:
      return "def forward(self, x):\n    return torch.relu(x)\n";
    case LayerKind::kPool:
      break;
  }
  return "def forward(self, x):\n    return torch.max_pool2d(x, [2, 2])\n";
}

/// TorchScript source of the network's forward method: input convention, then all layers.
std::string root_forward(const Network& network) {
  std::string code =
      "def forward(self, rgb01):\n"
      "    x = rgb01\n"
      "    if self.input_bgr:\n"
      "        x = torch.flip(x, [1])\n"
      "    mean = torch.tensor(self.input_mean, dtype=x.dtype, device=x.device)\n"
      "    deviation = torch.tensor(self.input_deviation, dtype=x.dtype, device=x.device)\n"
      "    x = x * self.input_scale - mean.view([1, 3, 1, 1])\n"
      "    x = x / deviation.view([1, 3, 1, 1])\n";
  for (const Layer& layer : network.layers) code += "    x = self." + layer.name + ".forward(x)\n";
  return code + "    return x\n";
}

Module layer_module(const Layer& layer, const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  Module module("__torch__.styletransfer." + layer.name, unit);
  if (layer.kind == LayerKind::kConvolution) {
    module.register_parameter("weight", layer.weight.contiguous(), /*is_buffer=*/false);
    module.register_parameter("bias", layer.bias.contiguous(), /*is_buffer=*/false);
  }
  module.define(forward_of(layer.kind));
  return module;
}

c10::List<double> list_of(const std::array<double, 3>& values) {
  return {values[0], values[1], values[2]};
}

Module root_module(const Network& network) {
  auto unit = std::make_shared<torch::jit::CompilationUnit>();
  Module root("__torch__.styletransfer.Network", unit);
  const auto doubles = c10::ListType::ofFloats();
  root.register_attribute("format_version", c10::IntType::get(), detail::kNetworkFormatVersion);
  root.register_attribute("source", c10::StringType::get(), network.source);
  root.register_attribute("input_bgr", c10::BoolType::get(), network.input.bgr);
  root.register_attribute("input_scale", c10::FloatType::get(), network.input.scale);
  root.register_attribute("input_mean", doubles, list_of(network.input.mean));
  root.register_attribute("input_deviation", doubles, list_of(network.input.stddev));
  for (const Layer& layer : network.layers) {
    root.register_module(layer.name, layer_module(layer, unit));
  }
  root.define(root_forward(network));
  root.eval();
  return root;
}

/// Position of a convolution in a VGG network: conv<block>_<index>, both from 1.
struct ConvPosition {
  int block = 0;
  int index = 0;
  friend auto operator<=>(const ConvPosition&, const ConvPosition&) = default;
};

struct Weights {
  at::Tensor weight;
  at::Tensor bias;
};

/// Maps torchvision's indices of `features` children to positions. The next convolution of a block
/// is 2 further (a ReLU is in between), the first one of the next block 3 (ReLU and pooling).
std::map<int, ConvPosition> torchvision_positions(const std::map<int, Weights>& by_index) {
  std::map<int, ConvPosition> positions;
  ConvPosition position{1, 0};
  int last = -2;
  for (const auto& entry : by_index) {
    const int step = entry.first - last;
    if (step == 2) {
      ++position.index;
    } else if (step == 3) {
      position = {position.block + 1, 1};
    } else {
      throw UsageError("features." + std::to_string(entry.first) +
                       " does not follow VGG's order (batch normalization is not supported)");
    }
    positions[entry.first] = position;
    last = entry.first;
  }
  return positions;
}

std::map<ConvPosition, Weights> convolutions_of(const std::map<std::string, at::Tensor>& tensors) {
  static const std::regex kByPosition(R"(conv(\d{1,2})_(\d{1,2})\.(weight|bias))");
  static const std::regex kByIndex(R"(features\.(\d{1,3})\.(weight|bias))");
  std::map<ConvPosition, Weights> by_position;
  std::map<int, Weights> by_index;
  for (const auto& [name, tensor] : tensors) {
    std::smatch part;
    if (std::regex_match(name, part, kByPosition)) {
      Weights& slot = by_position[{std::stoi(part[1]), std::stoi(part[2])}];
      (part[3] == "weight" ? slot.weight : slot.bias) = tensor;
    } else if (std::regex_match(name, part, kByIndex)) {
      Weights& slot = by_index[std::stoi(part[1])];
      (part[2] == "weight" ? slot.weight : slot.bias) = tensor;
    }
  }
  if (by_position.empty()) {
    const auto positions = torchvision_positions(by_index);
    for (auto& [index, weights] : by_index) by_position[positions.at(index)] = weights;
  }
  if (by_position.empty()) {
    throw UsageError("there are no tensors named convB_N.weight or features.I.weight");
  }
  return by_position;
}

void check_weights(const std::string& name, const Weights& weights, std::int64_t channels) {
  const at::Tensor& weight = weights.weight;
  if (!weight.defined() || !weights.bias.defined()) {
    throw UsageError(name + " lacks its " + (weight.defined() ? "bias" : "weight"));
  }
  if (weight.sizes() != at::IntArrayRef({weight.size(0), channels, 3, 3})) {
    throw UsageError(name + ".weight must have shape [out, " + std::to_string(channels) +
                     ", 3, 3]");
  }
  if (weights.bias.sizes() != at::IntArrayRef({weight.size(0)})) {
    throw UsageError(name + ".bias must have shape [" + std::to_string(weight.size(0)) + "]");
  }
  if (!weight.isfinite().all().item<bool>() || !weights.bias.isfinite().all().item<bool>()) {
    throw UsageError(name + " holds values that are not finite");
  }
}

/// Checks the weights and lists the layers: conv, relu, conv, relu, ..., and a pool after every
/// block.
std::vector<Layer> layers_from(const std::map<ConvPosition, Weights>& convolutions) {
  std::vector<Layer> layers;
  std::int64_t channels = 3;
  ConvPosition expected{1, 1};
  for (auto it = convolutions.begin(); it != convolutions.end(); ++it) {
    const auto& [position, weights] = *it;
    const bool has_begun_block = expected.index > 1;
    if (position.block > expected.block && has_begun_block) expected = {expected.block + 1, 1};
    const std::string suffix =
        std::to_string(position.block) + "_" + std::to_string(position.index);
    if (position != expected) {
      throw UsageError("conv" + std::to_string(expected.block) + "_" +
                       std::to_string(expected.index) + " is missing before conv" + suffix);
    }
    check_weights("conv" + suffix, weights, channels);
    channels = weights.weight.size(0);
    layers.push_back({"conv" + suffix, LayerKind::kConvolution, weights.weight, weights.bias});
    layers.push_back({"relu" + suffix, LayerKind::kRelu, {}, {}});
    const auto next = std::next(it);
    if (next == convolutions.end() || next->first.block != position.block) {
      layers.push_back({"pool" + std::to_string(position.block), LayerKind::kPool, {}, {}});
    }
    ++expected.index;
  }
  return layers;
}

std::string stated_input(const std::map<std::string, std::string>& metadata,
                         const std::string& asked) {
  const auto found = metadata.find("input");
  if (found == metadata.end()) {
    if (!asked.empty()) return asked;
    throw UsageError("the weights do not say their input convention; add " +
                     option("input", "caffe") + " or " + option("input", "torchvision"));
  }
  if (!asked.empty() && asked != found->second) {
    throw UsageError("the weights say their input convention is '" + found->second + "', not '" +
                     asked + "'; leave " + option("input") + " out");
  }
  return found->second;
}

struct WeightsFile {
  /// Contiguous float32 on the CPU, by name.
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads a network's tensors; float16 and bfloat16 are converted to float32. Throws UsageError.
WeightsFile read_weights(const std::string& path) {
  // VGG-19's header has 3 KB.
  constexpr std::uint64_t kMaxHeaderBytes = 10'000'000;
  try {
    detail::SafetensorsReader reader(path, kMaxHeaderBytes);
    WeightsFile file{{}, reader.metadata()};
    for (const std::string& name : reader.names()) {
      if (!name.starts_with("conv") && !name.starts_with("features.")) continue;
      const std::string& type = reader.type_name(name);
      if (type != "F32" && type != "F16" && type != "BF16") {
        throw detail::SafetensorsError("tensor " + name + " has type " + type +
                                       ", wanted F32, F16 or BF16");
      }
      file.tensors.emplace(name, reader.read(name).to(at::kFloat));
    }
    return file;
  } catch (const detail::SafetensorsError& error) {
    throw UsageError("'" + path + "' is not a usable safetensors file: " + error.what() +
                     "; fetch it again (scripts/fetch_model)");
  }
}

/// Names a file that is no safetensors file for what it is.
void refuse_other_formats(const std::string& path) {
  using detail::NetworkFileType;
  const auto refuse = [&](const Message& problem) {
    throw UsageError("the weights '" + path + "' " + problem);
  };
  NetworkFileType type = NetworkFileType::kUnknown;
  try {
    type = detail::network_file_type_of(path);
  } catch (const detail::UnusableNetwork& error) {
    throw UsageError("'" + path + "' " + error.message());
  }
  switch (type) {
    case NetworkFileType::kPythonWeights:
    case NetworkFileType::kLegacyPythonWeights:
      refuse(
          "are a PyTorch pickle (.pth), and model import reads safetensors; convert them in "
          "Python: "
          "safetensors.torch.save_file(torch.load('weights.pth', weights_only=True), "
          "'weights.safetensors')");
      break;
    case NetworkFileType::kNetwork:
      refuse("are a network file already; use it with " + option("model"));
      break;
    case NetworkFileType::kForeignTorchScript:
      refuse("are TorchScript; a feed-forward network is used with: styletransfer apply " +
             option("network"));
      break;
    case NetworkFileType::kOnnx:
    case NetworkFileType::kHdf5:
      refuse("are in another program's format; save them as safetensors");
      break;
    case NetworkFileType::kImage:
      refuse("are an image; name a safetensors file");
      break;
    default:  // the reader says what is wrong with it
      break;
  }
}

}  // namespace

void save_network(const Network& network, const std::string& output_path) {
  const Module root = root_module(network);
  write_whole_file(
      output_path, [&](std::ostream& stream) { root.save(stream); }, /*may_replace=*/true);
}

void import_network(const std::string& safetensors_path, const std::string& output_path,
                    const std::string& input) {
  refuse_other_formats(safetensors_path);
  const WeightsFile file = read_weights(safetensors_path);
  Network network;
  try {
    network.input = input_convention(stated_input(file.metadata, input));
    network.layers = layers_from(convolutions_of(file.tensors));
  } catch (const UsageError& error) {
    throw UsageError("cannot use the weights '" + safetensors_path + "': " + error.message());
  }
  const auto source = file.metadata.find("source");
  network.source = source != file.metadata.end() ? source->second
                                                 : fs::path(safetensors_path).filename().string();
  save_network(network, output_path);
}

}  // namespace styletransfer
