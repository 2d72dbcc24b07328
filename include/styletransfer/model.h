// Layer 2: the network file. Finds, checks, loads and makes the TorchScript feature extractor.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/network_trust.h"

namespace styletransfer {

enum class LayerKind { kConvolution, kRelu, kPool };

/// One named child of the network file, in order.
struct Layer {
  std::string name;
  LayerKind kind = LayerKind::kRelu;
  /// Convolutions only: [out, in, 3, 3] float32 and [out] float32 (stride 1, padding 1), frozen.
  at::Tensor weight;
  at::Tensor bias;
};

/// How a picture (R, G, B in 0..1) becomes the network's input; travels inside the network file, so
/// that weights can never meet the wrong preprocessing.
/// input[c] = (scale * rgb01[channel c] - mean[c]) / deviation[c].
struct InputConvention {
  /// True: the input channels are B, G, R (Caffe); false: R, G, B. mean and deviation are in the
  /// input's own order.
  bool bgr = true;
  double scale = 255.0;
  std::array<double, 3> mean{103.939, 116.779, 123.68};
  std::array<double, 3> deviation{1.0, 1.0, 1.0};

  friend bool operator==(const InputConvention&, const InputConvention&) = default;
};

/// The two conventions that published weights use, by name: "caffe" (the original VGG release) and
/// "torchvision". Throws UsageError for any other name.
[[nodiscard]] InputConvention input_convention(const std::string& name);

struct Network {
  std::vector<Layer> layers;
  InputConvention input;
  /// Where the weights came from, in the file's own words.
  std::string source;
  std::string path;
  std::int64_t file_bytes = 0;
};

/// The network file to use: `flag` when not empty, else $STYLETRANSFER_MODEL, else models/vgg19.pt
/// beside the binary, up to two folders above it (build tree), in ../share/styletransfer, or in the
/// current folder. A file named by flag or variable is taken as it is; check_network_file judges
/// it. Throws UsageError naming every place looked at and the command that makes the file.
[[nodiscard]] std::string find_network(const std::string& flag);

/// Reads the file without its weights (milliseconds), as data. Throws UsageError that says what the
/// file really is and which command helps when it is missing, empty, cut off, a Python weight file,
/// safetensors, ONNX, or TorchScript of another program; and, unless it is trusted, which of its
/// operations may do more than compute a picture.
void check_network_file(const std::string& path, NetworkTrust trust = NetworkTrust::kChecked);

/// Loads a network file onto the CPU. Weights and convention are read as data, with their CRC-32
/// checked; code in the file is not run. Throws UsageError as check_network_file does, for damaged
/// bytes, for code that does more than compute a picture (kChecked; it names the operation), and
/// for layers that this program cannot run, naming the layer.
[[nodiscard]] Network load_network(const std::string& path,
                                   NetworkTrust trust = NetworkTrust::kChecked);

/// Layer names of one kind, in order ("relu1_1", ...).
[[nodiscard]] std::vector<std::string> layer_names(const Network& network, LayerKind kind);

/// SHA-256 of a file's bytes, 64 lower-case hexadecimal digits. Reads the whole file: about 0.1 s
/// for VGG-19, so it is kept out of load_network. Throws UsageError when the file cannot be read.
[[nodiscard]] std::string file_sha256(const std::string& path);

/// Writes a network file: TorchScript with one child a layer, and root attributes format_version,
/// input_bgr, input_scale, input_mean, input_deviation and source. Its forward takes rgb01
/// [N, 3, H, W] and returns the last layer's output, so it is usable elsewhere as well.
/// Written beside and renamed; folders are made. `network.path` and `file_bytes` are ignored.
/// Throws RunError (disk).
void save_network(const Network& network, const std::string& output_path);

/// Makes a network file from weights in safetensors form (float32, float16 or bfloat16): tensors
/// `convB_N.weight` and `convB_N.bias`, or torchvision's `features.I.weight` and `features.I.bias`;
/// metadata `input` = "caffe" or "torchvision" and `source`. ReLUs follow every convolution and a
/// pooling every block. `input` is used when it is not empty and the metadata say nothing.
/// Throws UsageError (bad weights, contradiction) or RunError (disk).
void import_network(const std::string& safetensors_path, const std::string& output_path,
                    const std::string& input = "");

}  // namespace styletransfer
