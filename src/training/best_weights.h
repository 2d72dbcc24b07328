// The best weights of a training so far, by the loss of photos that it does not learn from.
#pragma once

#include "styletransfer/training.h"
#include "training/script_network.h"

namespace styletransfer::detail {

class BestWeights {
 public:
  /// These weights have this loss: they are kept when it is the lowest.
  void judge(double loss, const NamedTensors& weights);

  [[nodiscard]] bool has_any() const { return !weights_.empty(); }
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] const NamedTensors& weights() const { return weights_; }
  /// Judgements since the loss last fell.
  [[nodiscard]] int checks_since() const { return checks_since_; }

  /// Into a training's state and back.
  void keep(TrainingState& state) const;
  void go_on(const TrainingState& state);

 private:
  NamedTensors weights_;
  double loss_ = 0.0;
  int checks_since_ = 0;
};

}  // namespace styletransfer::detail
