// Checks of the options that all trainings share.
#pragma once

#include "styletransfer/bounds.h"
#include "styletransfer/training_options.h"

namespace styletransfer::detail {

/// Checks the options of train_fast or train_cyclegan. Throws OptionError.
template <typename Options>
void check_common_bounds(const Options& options) {
  require_within("size", options.size_px, kCropSize);
  require_within("width", options.shape.width, kNetworkWidth);
  require_within("blocks", options.shape.blocks, kNetworkBlocks);
  require_within("iterations", options.limits.iterations, TrainingLimits::kIterations);
  require_within("learning_rate", options.learning_rate, kTrainingLearningRate);
}

}  // namespace styletransfer::detail
