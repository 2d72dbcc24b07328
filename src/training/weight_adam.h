// Adam optimizer for a network's weights, with state that can be saved to a file.
#pragma once

#include <torch/optim/adam.h>

#include "training/script_module.h"

namespace styletransfer::detail {

struct AdamOptions {
  double learning_rate = 1e-3;
  double momentum = 0.9;
  double second_moment = 0.999;
};

/// LibTorch's Adam on named parameters.
class WeightAdam {
 public:
  WeightAdam(const NamedTensors& parameters, const AdamOptions& options);

  /// Applies from the next step; the moments are preserved.
  void set_learning_rate(double rate);
  /// Updates the parameters from their gradients and clears the gradients.
  void step();

  /// Saves the moments under `prefix` to a checkpoint's tensors: prefix + name + ".mean",
  /// ".square".
  void save_to(const std::string& prefix, NamedTensors& tensors) const;
  /// Restores the moments saved after this many steps. Throws UsageError when one is missing.
  void restore(const std::string& prefix, const NamedTensors& tensors, std::int64_t steps);

 private:
  NamedTensors parameters_;
  torch::optim::Adam adam_;
};

}  // namespace styletransfer::detail
