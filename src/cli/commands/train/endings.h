// End of a training: messages and exit code.
#pragma once

#include "cli/checkpoint/unfinished_training.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

/// Logs how the training ended and returns the exit code. Keeps the checkpoint of a training that
/// can be resumed.
[[nodiscard]] int end_training(TrainingEnding ending, const UnfinishedTraining& unfinished);

}  // namespace styletransfer::cli
