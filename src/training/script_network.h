// Networks of convolution blocks as TorchScript: what is trained is the very module that is saved.
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

/// Enlarge, pad, convolve, normalise, activate: each only where it is asked for.
struct ConvolutionBlock {
  std::int64_t in_channels = 3;
  std::int64_t out_channels = 3;
  int kernel_px = 3;
  int stride = 1;
  /// Each pixel becomes four before the convolution. In place of a transposed convolution, whose
  /// uneven overlap paints a checkerboard (Odena, Dumoulin, Olah 2016).
  bool enlarges = false;
  /// By mirrored surroundings; otherwise by zeros.
  bool pads_by_reflection = true;
  int padding_px = 1;
  /// Instance normalisation with a scale and a shift for each channel (Ulyanov et al. 2016), and
  /// no bias before it: it would be taken off again.
  bool normalises = true;
  Activation activation = Activation::kRelu;
};

/// A root module under construction, float32 on the CPU. Weights are drawn from a generator of its
/// own: the same seed gives the same network.
class ScriptNetwork {
 public:
  ScriptNetwork(const std::string& type_name, std::uint64_t seed);

  /// A child of the root. Weights: normal, of the deviation that keeps the size of features
  /// (He et al. 2015); small in a last block, so that a network starts with middling values.
  void add(const std::string& name, const ConvolutionBlock& block);
  /// x + second(first(x)), two blocks with 3x3 kernels; no activation behind the sum.
  void add_residual(const std::string& name, std::int64_t channels);

  /// Gives the root a forward that calls every child in order. The network is complete.
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

/// The parameters of a module by their full names; the module's own tensors.
[[nodiscard]] NamedTensors parameters_of(const torch::jit::Module& module);

/// The tensors whose names begin with `prefix`, by the rest of their names.
[[nodiscard]] NamedTensors tensors_under(const std::string& prefix, const NamedTensors& tensors);

/// Copies, apart from any graph.
[[nodiscard]] NamedTensors copies_of(const NamedTensors& tensors);

/// Copies values into the tensors of the same names. Throws UsageError where names or shapes
/// differ.
void copy_into(const NamedTensors& values, const NamedTensors& tensors);

/// One input, one output, on the plain executor: the profiling one would specialise for every size
/// of picture, which costs seconds.
[[nodiscard]] at::Tensor run_network(torch::jit::Module& module, const at::Tensor& input);

/// The same without a graph for gradients.
[[nodiscard]] at::Tensor run_network_only(torch::jit::Module& module, const at::Tensor& input);

/// Attributes that tell what a saved network is and how it is fed.
struct NetworkFacts {
  std::string kind;
  /// "0..1" or "-1..1", of both input and output.
  std::string range;
  std::int64_t multiple_of = 4;
  /// What it was trained on, in words.
  std::string style;
  /// JSON.
  std::string training;
};

/// Writes the module with its facts as attributes: input_range, output_range, channel_order,
/// multiple_of, kind, style, training_facts. Written beside and renamed. Throws RunError (disk).
void save_script_network(torch::jit::Module module, const NetworkFacts& facts,
                         const std::string& path);

}  // namespace styletransfer::detail
