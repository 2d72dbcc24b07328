#include "training/weight_adam.h"

#include <memory>
#include <utility>
#include <vector>

#include "styletransfer/error.h"

namespace styletransfer::detail {
namespace {

std::vector<at::Tensor> values_of(const NamedTensors& tensors) {
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : tensors) values.push_back(tensor);
  return values;
}

}  // namespace

WeightAdam::WeightAdam(const NamedTensors& parameters, const AdamOptions& options)
    : parameters_(parameters),
      adam_(values_of(parameters),
            torch::optim::AdamOptions(options.learning_rate)
                .betas(std::make_tuple(options.momentum, options.second_moment))) {}

void WeightAdam::set_learning_rate(double rate) {
  for (auto& group : adam_.param_groups()) group.options().set_lr(rate);
}

void WeightAdam::step() {
  adam_.step();
  adam_.zero_grad();
}

void WeightAdam::save_to(const std::string& prefix, NamedTensors& tensors) const {
  for (const auto& [name, tensor] : parameters_) {
    const auto found = adam_.state().find(tensor.unsafeGetTensorImpl());
    if (found == adam_.state().end()) continue;
    const auto& moments = static_cast<const torch::optim::AdamParamState&>(*found->second);
    tensors[prefix + name + ".mean"] = moments.exp_avg();
    tensors[prefix + name + ".square"] = moments.exp_avg_sq();
  }
}

void WeightAdam::restore(const std::string& prefix, const NamedTensors& tensors,
                         std::int64_t steps) {
  if (steps == 0) return;
  for (const auto& [name, tensor] : parameters_) {
    const auto mean = tensors.find(prefix + name + ".mean");
    const auto square = tensors.find(prefix + name + ".square");
    if (mean == tensors.end() || square == tensors.end()) {
      throw UsageError("the saved state lacks the moments of " + name);
    }
    auto moments = std::make_unique<torch::optim::AdamParamState>();
    moments->step(steps);
    moments->exp_avg(mean->second.to(tensor.device()).clone());
    moments->exp_avg_sq(square->second.to(tensor.device()).clone());
    adam_.state()[tensor.unsafeGetTensorImpl()] = std::move(moments);
  }
}

}  // namespace styletransfer::detail
