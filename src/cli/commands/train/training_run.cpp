#include "cli/commands/train/training_run.h"

#include <memory>
#include <utility>

#include "cli/terminal/exit_codes.h"
#include "cli/terminal/log.h"

namespace styletransfer::cli {

TrainingRun::TrainingRun(const TrainingControl& control, const TrainingLimits& limits,
                         const std::vector<std::string>& outputs)
    : control_(control),
      unfinished_(control, outputs),
      reporter_(ProgressKind::kTraining, limits.time_limit_seconds),
      previews_(reporter_, {.every = control.preview_every,
                            .folder = preview_folder_of(control.output_path),
                            .noun = "a preview",
                            .digits = 6}) {
  observers_.add(reporter_);
  observers_.add(previews_);
}

std::optional<Checkpoint> TrainingRun::start(const std::string& fingerprint) {
  const Fingerprint known = [fingerprint] { return fingerprint; };
  // A network takes little space.
  checkpoints_.emplace(reporter_, control_.output_path, known, control_.checkpoint_every,
                       DiskReserve(control_.output_path, 0));
  observers_.add(*checkpoints_);
  const std::shared_ptr<Checkpoint> from = unfinished_.load(known, reporter_);
  return from ? std::optional(std::move(*from)) : std::nullopt;
}

int TrainingRun::end(StopReason reason) const {
  if (reason == StopReason::kInterrupted) {
    log_info(has_state(control_.output_path)
                 ? "unfinished: add --resume to the same command to continue"
                 : "unfinished, and no checkpoint was saved: training starts from scratch");
    return kExitInterrupted;
  }
  remove_state(control_.output_path);
  if (reason == StopReason::kDiverged) {
    log_error(
        "the loss became NaN; the best network before that was written: lower --learning-rate");
    return kExitFailed;
  }
  if (reason == StopReason::kPlateau) {
    log_info("stopped early: the validation loss no longer improves (--patience)");
  }
  return kExitDone;
}

}  // namespace styletransfer::cli
