// How a training ended, for people and for the shell.
#pragma once

#include "cli/train/unfinished_training.h"
#include "styletransfer/training.h"

namespace styletransfer::cli {

/// Says what is worth saying, and returns the exit code. The state is kept of a training that can
/// go on.
[[nodiscard]] int end_training(TrainingEnding ending, const UnfinishedTraining& unfinished);

}  // namespace styletransfer::cli
