#include "cli/train/endings.h"

#include "cli/exit_codes.h"
#include "cli/log/log.h"

namespace styletransfer::cli {

int end_training(TrainingEnding ending, const UnfinishedTraining& unfinished) {
  if (ending != TrainingEnding::kStopped) unfinished.forget();
  switch (ending) {
    case TrainingEnding::kStalled:
      log_info("ended early: the held-out loss has stopped falling (--patience)");
      break;
    case TrainingEnding::kStopped:
      log_info("unfinished: the same command with --resume goes on");
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
