#include "cli/train/endings.h"

#include "cli/exit_codes.h"
#include "cli/log/log.h"

namespace styletransfer::cli {

int exit_code(TrainingEnding ending) {
  switch (ending) {
    case TrainingEnding::kStalled:
      log_info("ended early: the held-out loss has stopped falling (--patience)");
      break;
    case TrainingEnding::kStopped:
      return kExitInterrupted;
    case TrainingEnding::kDiverged:
      log_error(
          "the loss is not a number any more; what is written is the best network before: lower "
          "--learning-rate");
      return kExitFailed;
    case TrainingEnding::kAllIterations:
    case TrainingEnding::kTimeLimit:
      break;
  }
  return kExitDone;
}

}  // namespace styletransfer::cli
