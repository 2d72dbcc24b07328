// Networks of convolution blocks as TorchScript modules: the trained module is the one that is
// saved.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace styletransfer::detail {

enum class Activation { kNone, kRelu, kLeakyRelu, kSigmoid, kTanh };

/// Upsample, pad, convolve, normalize, activate: each step is optional.
struct ConvolutionBlock {
  std::int64_t in_channels = 3;
  std::int64_t out_channels = 3;
  int kernel_px = 3;
  int stride = 1;
  /// Nearest-neighbor upsampling by 2 before the convolution. Replaces a transposed convolution,
  /// whose uneven overlap causes checkerboard artifacts (Odena, Dumoulin, Olah 2016).
  bool enlarges = false;
  /// Reflection padding; otherwise zero padding.
  bool pads_by_reflection = true;
  int padding_px = 1;
  /// Instance normalization with a scale and a shift per channel (Ulyanov et al. 2016). The
  /// convolution has no bias then: normalization would remove it.
  bool normalizes = true;
  Activation activation = Activation::kRelu;
};

/// A root module under construction, float32 on the CPU. Weights come from its own random
/// generator: the same seed gives the same network.
class ScriptModule {
 public:
  ScriptModule(const std::string& type_name, std::uint64_t seed);

  /// Adds a child to the root. Weights: normal, with the standard deviation that preserves the
  /// scale of features (He et al. 2015); small in a last block, so that an untrained network
  /// outputs mid-range values.
  void add(const std::string& name, const ConvolutionBlock& block);
  /// x + second(first(x)), two blocks with 3x3 kernels; no activation after the sum.
  void add_residual(const std::string& name, std::int64_t channels);

  /// Gives the root a forward method that calls every child in order. No blocks can be added after
  /// this.
  [[nodiscard]] torch::jit::Module finished();

 private:
  [[nodiscard]] torch::jit::Module block_module(const std::string& name,
                                                const ConvolutionBlock& block);

  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  std::string type_name_;
  torch::jit::Module root_;
  at::Generator generator_;
  std::vector<std::string> children_;
};

using NamedTensors = std::map<std::string, at::Tensor>;

/// The module's own parameter tensors by their full names.
[[nodiscard]] NamedTensors parameters_of(const torch::jit::Module& module);

/// The tensors whose names begin with `prefix`, by the rest of their names.
[[nodiscard]] NamedTensors tensors_under(const std::string& prefix, const NamedTensors& tensors);

/// Detached copies.
[[nodiscard]] NamedTensors copies_of(const NamedTensors& tensors);

/// Copies values into the tensors of the same names. Throws UsageError if names or shapes differ.
void copy_into(const NamedTensors& values, const NamedTensors& tensors);

/// Runs a network with one input and one output on the simple executor: the profiling executor
/// would specialize for every image size, which takes seconds.
[[nodiscard]] at::Tensor run_network(torch::jit::Module& module, const at::Tensor& input);

/// The same without an autograd graph.
[[nodiscard]] at::Tensor run_network_only(torch::jit::Module& module, const at::Tensor& input);

/// Attributes of a saved network that describe what it is and its input.
struct NetworkFacts {
  std::string kind;
  /// "0..1" or "-1..1", for both input and output.
  std::string range;
  std::int64_t multiple_of = 4;
  /// Description of what it was trained on.
  std::string style;
  /// JSON.
  std::string training;
};

/// Writes the module with its facts as attributes: input_range, output_range, channel_order,
/// multiple_of, kind, style, training_facts. Writes a temporary file and renames it. Throws
/// RunError (disk).
void save_script_network(torch::jit::Module module, const NetworkFacts& facts,
                         const std::string& path);

}  // namespace styletransfer::detail
