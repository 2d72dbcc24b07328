#include "training/script_module.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <cmath>
#include <ostream>
#include <utility>

#include "base/atomic_file.h"
#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

using torch::jit::Module;

const char* activation_line(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return "    x = torch.relu(x)\n";
    case Activation::kLeakyRelu:
      return "    x = torch.leaky_relu(x, 0.2)\n";
    case Activation::kSigmoid:
      return "    x = torch.sigmoid(x)\n";
    case Activation::kTanh:
      return "    x = torch.tanh(x)\n";
    case Activation::kNone:
      break;
  }
  return "";
}

std::string pair_text(int value) {
  const std::string text = std::to_string(value);
  return "[" + text + ", " + text + "]";
}

std::string forward_of(const ConvolutionBlock& block) {
  std::string code = "def forward(self, x):\n";
  if (block.enlarges) code += "    x = torch.upsample_nearest2d(x, None, [2.0, 2.0])\n";
  const bool mirrors = block.pads_by_reflection && block.padding_px > 0;
  if (mirrors) {
    const std::string px = std::to_string(block.padding_px);
    code += "    x = torch.reflection_pad2d(x, [" + px + ", " + px + ", " + px + ", " + px + "])\n";
  }
  code += std::string("    x = torch.conv2d(x, self.weight, ") +
          (block.normalizes ? "None" : "self.bias") + ", " + pair_text(block.stride) + ", " +
          pair_text(mirrors ? 0 : block.padding_px) + ")\n";
  if (block.normalizes) {
    code +=
        "    x = torch.instance_norm(x, self.scale, self.shift, None, None, True, 0.0, 1e-05, "
        "False)\n";
  }
  return code + activation_line(block.activation) + "    return x\n";
}

double weight_stddev(const ConvolutionBlock& block) {
  const auto inputs = static_cast<double>(block.in_channels * block.kernel_px * block.kernel_px);
  const bool is_rectified =
      block.activation == Activation::kRelu || block.activation == Activation::kLeakyRelu;
  return is_rectified || block.normalizes ? std::sqrt(2.0 / inputs) : 0.5 / std::sqrt(inputs);
}

}  // namespace

ScriptModule::ScriptModule(const std::string& type_name, std::uint64_t seed)
    : unit_(std::make_shared<torch::jit::CompilationUnit>()),
      type_name_("__torch__.styletransfer." + type_name),
      root_(type_name_, unit_),
      generator_(at::make_generator<at::CPUGeneratorImpl>(seed)) {}

Module ScriptModule::block_module(const std::string& name, const ConvolutionBlock& block) {
  Module module(type_name_ + "_" + name, unit_);
  const std::int64_t kernel = block.kernel_px;
  const at::Tensor weight =
      at::empty({block.out_channels, block.in_channels, kernel, kernel}, at::kFloat);
  weight.normal_(0.0, weight_stddev(block), generator_);
  const auto with_gradient = [](const at::Tensor& tensor) { return tensor.requires_grad_(true); };
  module.register_parameter("weight", with_gradient(weight), /*is_buffer=*/false);
  const at::Tensor zeros = at::zeros({block.out_channels}, at::kFloat);
  if (block.normalizes) {
    module.register_parameter("scale", with_gradient(at::ones_like(zeros)), /*is_buffer=*/false);
    module.register_parameter("shift", with_gradient(zeros), /*is_buffer=*/false);
  } else {
    module.register_parameter("bias", with_gradient(zeros), /*is_buffer=*/false);
  }
  module.define(forward_of(block));
  return module;
}

void ScriptModule::add(const std::string& name, const ConvolutionBlock& block) {
  root_.register_module(name, block_module(name, block));
  children_.push_back(name);
}

void ScriptModule::add_residual(const std::string& name, std::int64_t channels) {
  Module module(type_name_ + "_" + name, unit_);
  ConvolutionBlock block;
  block.in_channels = channels;
  block.out_channels = channels;
  module.register_module("first", block_module(name + "_first", block));
  block.activation = Activation::kNone;
  module.register_module("second", block_module(name + "_second", block));
  module.define(
      "def forward(self, x):\n"
      "    return x + self.second.forward(self.first.forward(x))\n");
  root_.register_module(name, module);
  children_.push_back(name);
}

Module ScriptModule::finished() {
  std::string code = "def forward(self, x):\n";
  for (const std::string& child : children_) code += "    x = self." + child + ".forward(x)\n";
  root_.define(code + "    return x\n");
  return root_;
}

NamedTensors parameters_of(const Module& module) {
  NamedTensors tensors;
  for (const auto& parameter : module.named_parameters(/*recurse=*/true)) {
    tensors.emplace(parameter.name, parameter.value);
  }
  return tensors;
}

NamedTensors tensors_under(const std::string& prefix, const NamedTensors& tensors) {
  NamedTensors found;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) found[name.substr(prefix.size())] = tensor;
  }
  return found;
}

NamedTensors copies_of(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies.emplace(name, tensor.detach().clone());
  return copies;
}

void copy_into(const NamedTensors& values, const NamedTensors& tensors) {
  const at::NoGradGuard no_gradient;
  for (const auto& [name, tensor] : tensors) {
    const auto value = values.find(name);
    if (value == values.end() || value->second.sizes() != tensor.sizes()) {
      throw UsageError("the saved weights are those of another network (" + name + " differs)");
    }
    tensor.copy_(value->second);
  }
}

at::Tensor run_network(Module& module, const at::Tensor& input) {
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  return module.forward({input}).toTensor();
}

at::Tensor run_network_only(Module& module, const at::Tensor& input) {
  const at::NoGradGuard no_gradient;
  return run_network(module, input);
}

void save_script_network(Module module, const NetworkFacts& facts, const std::string& path) {
  const auto text = [&](const char* name, const std::string& value) {
    module.register_attribute(name, c10::StringType::get(), value);
  };
  text("kind", facts.kind);
  text("input_range", facts.range);
  text("output_range", facts.range);
  text("channel_order", "rgb");
  text("style", facts.style);
  // Not "training", which holds the flag of eval() and Python.
  text("training_facts", facts.training);
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_attribute("multiple_of", c10::IntType::get(), facts.multiple_of);
  module.eval();
  write_whole_file(
      path, [&](std::ostream& stream) { module.save(stream); }, /*may_replace=*/true);
}

}  // namespace styletransfer::detail
