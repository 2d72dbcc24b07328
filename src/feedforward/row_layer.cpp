// Builds row layers from a trace.
#include "feedforward/row_layer.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "feedforward/row_layer_kinds.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

/// Elementwise operations: each output value depends only on the inputs' values at the same
/// position.
constexpr std::array<std::string_view, 27> kPointwise{
    "relu",    "relu6",    "leaky_relu", "elu",      "gelu",       "silu",  "tanh",
    "sigmoid", "hardtanh", "hardswish",  "softplus", "clamp",      "prelu", "add",
    "sub",     "mul",      "div",        "rsub",     "neg",        "abs",   "pow",
    "sqrt",    "exp",      "batch_norm", "dropout",  "contiguous", "detach"};

class Reader {
 public:
  explicit Reader(const NetworkTrace& trace) : trace_(trace) {}

  [[nodiscard]] std::unique_ptr<RowLayer> layer(std::size_t index) const {
    const TracedCall& call = trace_.calls[index];
    std::string name = call.name.substr(call.name.find("::") + 2);
    if (name.ends_with("_")) name.pop_back();
    if (name == "conv2d" && call.overload.empty()) return convolution(call);
    if (name == "_convolution" || name == "convolution") return any_convolution(call);
    if (name == "conv_transpose2d") return transposed(call);
    if (name == "instance_norm" && call.inputs[5].toBool()) return normalized(call);
    if (name.ends_with("pad2d") || name == "pad" || name == "constant_pad_nd") {
      return padded(call, name);
    }
    if (name.starts_with("upsample_")) return enlarged(call, name, index);
    if (name == "instance_norm" ||
        std::find(kPointwise.begin(), kPointwise.end(), name) != kPointwise.end()) {
      return pointwise(call, name, index);
    }
    refuse(call);
  }

 private:
  [[noreturn]] static void refuse(const TracedCall& call) { throw UsageError("has " + call.name); }

  /// Returns the only value that a layer reads.
  [[nodiscard]] static int input_of(const TracedCall& call) {
    const auto is_value = [](int value) { return value >= 0; };
    if (call.input_values.front() < 0 ||
        std::count_if(call.input_values.begin(), call.input_values.end(), is_value) != 1) {
      refuse(call);
    }
    return call.input_values.front();
  }

  [[nodiscard]] static at::Tensor tensor(const c10::IValue& value) {
    return value.isTensor() ? value.toTensor() : at::Tensor();
  }

  /// A single number stands for both axes.
  [[nodiscard]] static std::vector<std::int64_t> axes(const c10::IValue& value) {
    std::vector<std::int64_t> numbers = value.toIntVector();
    if (numbers.size() == 1) numbers.push_back(numbers.front());
    return numbers;
  }

  [[nodiscard]] static std::unique_ptr<RowLayer> convolution(const TracedCall& call) {
    const auto& in = call.inputs;
    return std::make_unique<ConvolvedLayer>(
        input_of(call), tensor(in[1]), tensor(in[2]),
        ConvolutionShape{axes(in[3]), axes(in[4]), axes(in[5]), {}, in[6].toInt()});
  }

  [[nodiscard]] static std::unique_ptr<RowLayer> any_convolution(const TracedCall& call) {
    const auto& in = call.inputs;
    ConvolutionShape shape{axes(in[3]), axes(in[4]), axes(in[5]), axes(in[7]), in[8].toInt()};
    if (in[6].toBool()) {
      return std::make_unique<TransposedLayer>(input_of(call), tensor(in[1]), tensor(in[2]), shape);
    }
    return std::make_unique<ConvolvedLayer>(input_of(call), tensor(in[1]), tensor(in[2]), shape);
  }

  [[nodiscard]] static std::unique_ptr<RowLayer> transposed(const TracedCall& call) {
    const auto& in = call.inputs;
    return std::make_unique<TransposedLayer>(
        input_of(call), tensor(in[1]), tensor(in[2]),
        ConvolutionShape{axes(in[3]), axes(in[4]), axes(in[7]), axes(in[5]), in[6].toInt()});
  }

  [[nodiscard]] static std::unique_ptr<RowLayer> normalized(const TracedCall& call) {
    return std::make_unique<NormalizedLayer>(input_of(call), tensor(call.inputs[1]),
                                             tensor(call.inputs[2]), call.inputs[7].toDouble());
  }

  [[nodiscard]] static std::unique_ptr<RowLayer> padded(const TracedCall& call,
                                                        const std::string& name) {
    static const std::map<std::string, PadMode> kModes{
        {"reflection_pad2d", PadMode::kReflect},    {"reflect", PadMode::kReflect},
        {"replication_pad2d", PadMode::kReplicate}, {"replicate", PadMode::kReplicate},
        {"constant_pad_nd", PadMode::kConstant},    {"constant", PadMode::kConstant}};
    const auto mode = kModes.find(name == "pad" ? call.inputs[2].toStringRef() : name);
    std::vector<std::int64_t> sides = call.inputs[1].toIntVector();
    const bool has_negative =
        std::any_of(sides.begin(), sides.end(), [](std::int64_t side) { return side < 0; });
    if (mode == kModes.end() || sides.size() > 4 || sides.size() % 2 != 0 || has_negative) {
      refuse(call);
    }
    sides.resize(4, 0);
    const bool has_value = call.inputs.size() > 2 && call.inputs.back().isScalar();
    const double value = has_value ? call.inputs.back().toScalar().toDouble() : 0.0;
    return std::make_unique<PaddedLayer>(input_of(call), sides, mode->second, value);
  }

  [[nodiscard]] std::unique_ptr<RowLayer> enlarged(const TracedCall& call, const std::string& name,
                                                   std::size_t index) const {
    const bool bilinear = name == "upsample_bilinear2d";
    const int input = input_of(call);
    const auto& from = trace_.sizes[static_cast<std::size_t>(input)];
    const auto& to = trace_.sizes[index + 1];
    const bool aligns_corners = bilinear && call.inputs[2].toBool();
    if ((!bilinear && name != "upsample_nearest2d") || aligns_corners) refuse(call);
    const std::int64_t scale = to[2] / from[2];
    if (to[2] != scale * from[2] || to[3] != scale * from[3]) refuse(call);
    return std::make_unique<EnlargedLayer>(input, scale, bilinear);
  }

  /// Constants may vary by channel but not by position.
  [[nodiscard]] std::unique_ptr<RowLayer> pointwise(const TracedCall& call, const std::string& name,
                                                    std::size_t index) const {
    const bool has_channel_lists =
        name == "batch_norm" || name == "instance_norm" || name == "prelu";
    std::vector<int> values;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
      const int value = call.input_values[i];
      if (value >= 0) {
        if (trace_.sizes[static_cast<std::size_t>(value)] != trace_.sizes[index + 1]) refuse(call);
        values.push_back(value);
        continue;
      }
      const at::Tensor constant = tensor(call.inputs[i]);
      if (!constant.defined() || constant.numel() == 1 || has_channel_lists) continue;
      if (constant.dim() < 3 || constant.size(-1) != 1 || constant.size(-2) != 1) refuse(call);
    }
    const bool trains = (name == "batch_norm" && call.inputs[5].toBool()) ||
                        (name == "dropout" && call.inputs[2].toBool());
    if (values.empty() || trains) refuse(call);
    return std::make_unique<PointwiseLayer>(call, values);
  }

  const NetworkTrace& trace_;
};

}  // namespace

RowLayers row_layers(const NetworkTrace& trace) {
  if (trace.calls.empty()) throw UsageError("has no step");
  const Reader reader(trace);
  RowLayers layers;
  for (std::size_t i = 0; i < trace.calls.size(); ++i) {
    if (trace.sizes[i + 1].size() != 4) throw UsageError("has " + trace.calls[i].name);
    layers.push_back(reader.layer(i));
  }
  if (trace.output != static_cast<int>(layers.size())) {
    throw UsageError("has an output that is not its last step's");
  }
  return layers;
}

}  // namespace styletransfer::detail
