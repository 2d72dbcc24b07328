#include "cli/commands/train/endings.h"

#include "cli/terminal/exit_codes.h"
#include "cli/terminal/log.h"

namespace styletransfer::cli {

int end_training(TrainingEnding ending, const UnfinishedTraining& unfinished) {
  if (ending != TrainingEnding::kStopped) unfinished.forget();
  switch (ending) {
    case TrainingEnding::kStalled:
      log_info("stopped early: the validation loss no longer improves (--patience)");
      break;
    case TrainingEnding::kStopped:
      log_info(unfinished.has_checkpoint()
                   ? "unfinished: add --resume to the same command to continue"
                   : "unfinished, and no checkpoint was saved: training starts from scratch");
      return kExitInterrupted;
    case TrainingEnding::kDiverged:
      log_error(
          "the loss became NaN; the best network before that was written: lower --learning-rate");
      return kExitFailed;
    case TrainingEnding::kAllIterations:
    case TrainingEnding::kTimeLimit:
      break;
  }
  return kExitDone;
}

}  // namespace styletransfer::cli
