// The VGG network file: finds, checks, loads and writes the TorchScript feature extractor.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/network_trust.h"

namespace styletransfer {

enum class LayerKind { kConvolution, kRelu, kPool };

/// A named child of the network file, in order.
struct Layer {
  std::string name;
  LayerKind kind = LayerKind::kRelu;
  /// Convolutions only: [out, in, 3, 3] float32 and [out] float32 (stride 1, padding 1), frozen.
  at::Tensor weight;
  at::Tensor bias;
};

/// Preprocessing of an image (R, G, B in 0..1) into the network's input. Stored inside the network
/// file, so that weights are never used with the wrong preprocessing. input[c] = (scale *
/// rgb01[channel c] - mean[c]) / stddev[c].
struct InputConvention {
  /// True: the input channels are B, G, R (Caffe); false: R, G, B. mean and stddev are in the
  /// input's own order.
  bool bgr = true;
  double scale = 255.0;
  std::array<double, 3> mean{103.939, 116.779, 123.68};
  std::array<double, 3> stddev{1.0, 1.0, 1.0};

  friend bool operator==(const InputConvention&, const InputConvention&) = default;
};

/// Returns one of the two conventions that published weights use, by name: "caffe" (the original
/// VGG release) or "torchvision". Throws UsageError for any other name.
[[nodiscard]] InputConvention input_convention(const std::string& name);

/// A loaded network file.
struct Network {
  std::vector<Layer> layers;
  InputConvention input;
  /// Origin of the weights, as recorded in the file.
  std::string source;
  std::string path;
  std::int64_t file_bytes = 0;
};

/// Returns the path of the network file to use: `flag` when not empty, else $STYLETRANSFER_MODEL,
/// else models/vgg19.pt beside the binary, up to two folders above it (build tree), in
/// ../share/styletransfer, or in the current folder. A file named by flag or variable is not
/// checked here; check_network_file does that. Throws UsageError naming every place searched and
/// the command that makes the file.
[[nodiscard]] std::string find_network(const std::string& flag);

/// Reads the file without its weights (milliseconds), as data. Throws UsageError when it is
/// missing, empty, truncated, a Python weight file, safetensors, ONNX, or TorchScript of another
/// program, saying what the file actually is and which command helps; and, unless it is trusted,
/// which of its operations may do more than compute an image.
void check_network_file(const std::string& path, NetworkTrust trust = NetworkTrust::kChecked);

/// Loads a network file onto the CPU. Weights and convention are read as data, with their CRC-32
/// checked; code in the file is not run. Throws UsageError as check_network_file does, for damaged
/// data, for code that does more than compute an image (kChecked; names the operation), and for
/// layers that this program cannot run, naming the layer.
[[nodiscard]] Network load_network(const std::string& path,
                                   NetworkTrust trust = NetworkTrust::kChecked);

/// Returns the layer names of one kind, in order ("relu1_1", ...).
[[nodiscard]] std::vector<std::string> layer_names(const Network& network, LayerKind kind);

/// Writes a network file: TorchScript with one child per layer and the root attributes
/// format_version, input_bgr, input_scale, input_mean, input_deviation and source. Its forward
/// takes rgb01 [N, 3, H, W] and returns the last layer's output, so it is usable elsewhere as well.
/// Writes a temporary file and renames it; creates folders. `network.path` and `file_bytes` are
/// ignored. Throws RunError (disk).
void save_network(const Network& network, const std::string& output_path);

/// Makes a network file from weights in safetensors form (float32, float16 or bfloat16): tensors
/// `convB_N.weight` and `convB_N.bias`, or torchvision's `features.I.weight` and `features.I.bias`;
/// metadata `input` = "caffe" or "torchvision" and `source`. A ReLU follows every convolution and a
/// pooling layer every block. `input` is used when it is not empty and the metadata have none.
/// Throws UsageError (bad weights, contradiction) or RunError (disk).
void import_network(const std::string& safetensors_path, const std::string& output_path,
                    const std::string& input = "");

}  // namespace styletransfer
