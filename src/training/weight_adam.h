// Adam for a network's weights, whose state can be kept in a file.
#pragma once

#include <torch/optim/adam.h>

#include "training/script_network.h"

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

  /// From now on; the moments stay.
  void set_learning_rate(double rate);
  /// Moves the parameters by their gradients, which are then gone.
  void step();

  /// Adds the moments under `prefix` to a state's tensors: prefix + name + ".mean", ".square".
  void keep(const std::string& prefix, NamedTensors& tensors) const;
  /// Goes on with kept moments after so many steps. Throws UsageError where one is missing.
  void go_on(const std::string& prefix, const NamedTensors& tensors, std::int64_t steps);

 private:
  NamedTensors parameters_;
  torch::optim::Adam adam_;
};

}  // namespace styletransfer::detail
