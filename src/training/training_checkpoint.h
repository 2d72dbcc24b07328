// State of a training between two iterations, and its form as a checkpoint.
#pragma once

#include <map>
#include <string>

#include "styletransfer/checkpoint.h"
#include "training/script_module.h"

namespace styletransfer::detail {

/// Complete enough to resume as if the training had never stopped. `numbers` has at least
/// "iteration" and "seconds".
struct TrainingState {
  NamedTensors tensors;
  std::map<std::string, double> numbers;
};

/// The checkpoint shares the state's memory.
[[nodiscard]] Checkpoint checkpoint_of(TrainingState state);

/// Throws UsageError for a checkpoint that is no training's.
[[nodiscard]] TrainingState training_state_of(Checkpoint checkpoint);

}  // namespace styletransfer::detail
