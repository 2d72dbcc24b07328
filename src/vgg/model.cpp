#include "styletransfer/model.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "serialization/network_file_type.h"
#include "serialization/pickle_data.h"
#include "serialization/stored_tensor.h"
#include "serialization/torchscript_archive.h"
#include "serialization/torchscript_check.h"
#include "styletransfer/error.h"
#include "vgg/network_format.h"
#include "vgg/network_memory.h"

namespace styletransfer {
namespace {

namespace fs = std::filesystem;
using detail::PickledValue;
using detail::TorchScriptArchive;
using Kind = PickledValue::Kind;

constexpr const char* kDefaultFile = "vgg19.pt";

[[noreturn]] void refuse(const std::string& path, const Message& problem) {
  throw UsageError("the network file '" + path + "' " + problem);
}

[[noreturn]] void refuse_layer(const std::string& path, const std::string& layer,
                               const std::string& problem) {
  refuse(path, "has a layer this program cannot run: " + layer + " " + problem +
                   "; use a VGG network (scripts/fetch_model)");
}

/// Folder of the running program; empty if it cannot be determined.
fs::path program_folder() {
  std::error_code problem;
  return fs::read_symlink("/proc/self/exe", problem).parent_path();
}

std::vector<fs::path> usual_places() {
  std::vector<fs::path> places;
  if (const fs::path folder = program_folder(); !folder.empty()) {
    for (const fs::path& base : {folder, folder / "..", folder / ".." / ".."}) {
      places.push_back((base / "models" / kDefaultFile).lexically_normal());
    }
    places.push_back((folder / ".." / "share" / "styletransfer" / kDefaultFile).lexically_normal());
  }
  places.push_back(fs::path("models") / kDefaultFile);
  return places;
}

std::optional<LayerKind> kind_by_name(const std::string& name) {
  if (name.starts_with("conv")) return LayerKind::kConvolution;
  if (name.starts_with("relu")) return LayerKind::kRelu;
  if (name.starts_with("pool")) return LayerKind::kPool;
  return std::nullopt;
}

/// A tensor attribute of a child module; undefined if there is none of that name.
at::Tensor tensor_attribute(const TorchScriptArchive& archive, const PickledValue& child,
                            const std::string& name) {
  const PickledValue* value = child.find(name);
  if (value == nullptr || value->kind != Kind::kTensor) return {};
  return detail::read_tensor(archive, value->tensor);
}

void check_convolution(const std::string& path, const Layer& layer, std::int64_t channels) {
  const at::Tensor& weight = layer.weight;
  if (!weight.defined() || weight.dim() != 4 || weight.size(2) != 3 || weight.size(3) != 3) {
    refuse_layer(path, layer.name, "has no [out, in, 3, 3] weight");
  }
  if (weight.size(1) != channels) {
    refuse_layer(path, layer.name,
                 "takes " + std::to_string(weight.size(1)) + " channels where " +
                     std::to_string(channels) + " arrive");
  }
  if (!layer.bias.defined() || layer.bias.dim() != 1 || layer.bias.size(0) != weight.size(0)) {
    refuse_layer(path, layer.name, "has no bias of " + std::to_string(weight.size(0)) + " values");
  }
  if (weight.scalar_type() != at::kFloat || layer.bias.scalar_type() != at::kFloat) {
    refuse_layer(path, layer.name, "is not float32");
  }
}

/// Enforces the order that FeatureNetwork supports: every block starts with a convolution, and each
/// convolution may be followed by one ReLU.
void check_order(const std::string& path, const std::vector<Layer>& before, const std::string& name,
                 LayerKind kind) {
  if (kind == LayerKind::kConvolution) return;
  if (before.empty()) refuse_layer(path, name, "comes before any convolution");
  const Layer& last = before.back();
  const bool fits = kind == LayerKind::kRelu ? last.kind == LayerKind::kConvolution
                                             : last.kind != LayerKind::kPool;
  if (!fits) refuse_layer(path, name, "follows " + last.name + " with no convolution between");
}

std::vector<Layer> read_layers(const std::string& path, const TorchScriptArchive& archive,
                               const PickledValue& root) {
  std::vector<Layer> layers;
  std::int64_t channels = 3;
  const std::vector<detail::PickledRef>& attributes = root.items.at(0)->items;
  for (std::size_t i = 0; i < attributes.size(); i += 2) {
    const std::string& name = attributes[i]->text;
    const PickledValue& child = *attributes[i + 1];
    if (child.kind != Kind::kObject) continue;
    const auto kind = kind_by_name(name);
    if (!kind) refuse_layer(path, name, "is neither conv*, relu* nor pool*");
    check_order(path, layers, name, *kind);
    Layer layer{name, *kind, {}, {}};
    if (*kind == LayerKind::kConvolution) {
      layer.weight = tensor_attribute(archive, child, "weight");
      layer.bias = tensor_attribute(archive, child, "bias");
      check_convolution(path, layer, channels);
      channels = layer.weight.size(0);
    }
    layers.push_back(std::move(layer));
  }
  if (layers.empty()) refuse(path, "has no layers; make one with: scripts/fetch_model");
  return layers;
}

const PickledValue& attribute(const PickledValue& root, const std::string& name, Kind kind) {
  const PickledValue* value = root.find(name);
  if (value == nullptr || value->kind != kind) {
    throw detail::UnusableNetwork("has no usable attribute " + name +
                                  "; make it again with: scripts/fetch_model");
  }
  return *value;
}

std::array<double, 3> triple(const PickledValue& root, const std::string& name) {
  const PickledValue& list = attribute(root, name, Kind::kList);
  std::array<double, 3> values{};
  bool fits = list.items.size() == values.size();
  for (std::size_t i = 0; fits && i < values.size(); ++i) {
    fits = list.items[i]->kind == Kind::kDouble;
    values.at(i) = list.items[i]->real;
  }
  if (!fits) {
    throw detail::UnusableNetwork("does not give three numbers as " + name +
                                  "; make it again with: scripts/fetch_model");
  }
  return values;
}

InputConvention read_input_convention(const PickledValue& root) {
  InputConvention input;
  input.bgr = attribute(root, "input_bgr", Kind::kBool).whole != 0;
  input.scale = attribute(root, "input_scale", Kind::kDouble).real;
  input.mean = triple(root, "input_mean");
  input.stddev = triple(root, "input_deviation");
  return input;
}

Network network_from(const std::string& path, const TorchScriptArchive& archive,
                     const PickledValue& root) {
  if (const auto version = attribute(root, "format_version", Kind::kInt).whole;
      version != detail::kNetworkFormatVersion) {
    refuse(path, "has format " + std::to_string(version) + ", this program reads format " +
                     std::to_string(detail::kNetworkFormatVersion) +
                     "; make it again with: scripts/fetch_model");
  }
  Network network;
  network.input = read_input_convention(root);
  network.source = attribute(root, "source", Kind::kText).text;
  network.path = path;
  network.file_bytes = static_cast<std::int64_t>(fs::file_size(path));
  network.layers = read_layers(path, archive, root);
  return network;
}

TorchScriptArchive open_checked(const std::string& path, NetworkTrust trust) {
  std::string problem;
  try {
    const detail::NetworkFileType kind = detail::network_file_type_of(path);
    problem = detail::explain_network_file(kind, path);
    const bool holds_code = kind == detail::NetworkFileType::kNetwork ||
                            kind == detail::NetworkFileType::kForeignTorchScript;
    if (!holds_code) refuse(path, problem);
    TorchScriptArchive archive(path);
    if (trust == NetworkTrust::kChecked) detail::check_torchscript(archive);
    if (!problem.empty()) refuse(path, problem);
    return archive;
  } catch (const detail::ForbiddenOperation& operation) {
    refuse(path, operation.message());
  } catch (const detail::UnusableNetwork& damage) {
    refuse(path, problem.empty() ? damage.message() : problem);
  }
}

}  // namespace

InputConvention input_convention(const std::string& name) {
  if (name == "caffe") return {};
  if (name == "torchvision") return {false, 1.0, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
  throw UsageError("unknown input convention '" + name + "'; choose caffe or torchvision");
}

std::string find_network(const std::string& flag) {
  if (!flag.empty()) return flag;
  const char* variable = std::getenv("STYLETRANSFER_MODEL");
  if (variable != nullptr && *variable != '\0') return variable;
  std::string looked_at;
  for (const fs::path& place : usual_places()) {
    std::error_code problem;
    if (fs::exists(place, problem)) return place.string();
    looked_at += (looked_at.empty() ? "" : ", ") + place.string();
  }
  throw UsageError("no network file; make one with scripts/fetch_model, or name one with " +
                   option("model") + " or $STYLETRANSFER_MODEL (looked at: " + looked_at + ")");
}

void check_network_file(const std::string& path, NetworkTrust trust) {
  static_cast<void>(open_checked(path, trust));
}

Network load_network(const std::string& path, NetworkTrust trust) {
  const TorchScriptArchive archive = open_checked(path, trust);
  std::error_code unknown;
  const std::uintmax_t file_bytes = fs::file_size(path, unknown);
  if (!unknown) detail::require_network_memory(static_cast<std::int64_t>(file_bytes));
  try {
    return network_from(path, archive, *detail::read_pickle(archive, "data").root);
  } catch (const detail::UnusableNetwork& problem) {
    refuse(path, problem.message());
  }
}

std::vector<std::string> layer_names(const Network& network, LayerKind kind) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) {
    if (layer.kind == kind) names.push_back(layer.name);
  }
  return names;
}

}  // namespace styletransfer
