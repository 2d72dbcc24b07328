// The best weights of a training so far, by validation loss.
#pragma once

#include "training/script_module.h"
#include "training/training_checkpoint.h"

namespace styletransfer::detail {

class BestCheckpoint {
 public:
  /// Stores a copy of these weights if their validation loss is the lowest so far.
  void update(double loss, const NamedTensors& weights);

  [[nodiscard]] bool has_any() const { return !weights_.empty(); }
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] const NamedTensors& weights() const { return weights_; }
  /// Number of checks since the loss last improved.
  [[nodiscard]] int checks_since() const { return checks_since_; }

  /// Saves to a training's state, and restores from it.
  void save_to(TrainingState& state) const;
  void restore(const TrainingState& state);

 private:
  NamedTensors weights_;
  double loss_ = 0.0;
  int checks_since_ = 0;
};

}  // namespace styletransfer::detail
