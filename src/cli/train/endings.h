// How a training ended, for people and for the shell.
#pragma once

#include "styletransfer/training.h"

namespace styletransfer::cli {

/// Says what is worth saying, and returns the exit code.
[[nodiscard]] int exit_code(TrainingEnding ending);

}  // namespace styletransfer::cli
