#include "cli/checkpoint/unfinished_training.h"

#include <filesystem>
#include <system_error>

#include "base/output_target.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/terminal/formatted.h"
#include "cli/terminal/log.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

UnfinishedTraining::UnfinishedTraining(const TrainingControl& control,
                                       const std::vector<std::string>& outputs)
    : state_path_(state_path_of(control.output_path)), is_asked_for_(control.resume) {
  check_state_name(control.output_path);
  for (const std::string& path : outputs) check_output_target(path, /*may_replace=*/true);
  const bool has_state = exists(state_path_);
  if (has_state && !is_asked_for_ && !control.overwrite) {
    throw UsageError("'" + state_path_ +
                     "' is the checkpoint of an unfinished training of this output; resume it " +
                     "with --resume, or start over with --overwrite");
  }
  is_resumed_ = has_state && is_asked_for_;
  if (is_resumed_ || control.overwrite) return;
  for (const std::string& path : outputs) {
    if (!exists(path)) continue;
    throw UsageError("--output: '" + path + "' already exists; add --overwrite" +
                     (is_asked_for_ ? " to train it again (it has no unfinished training)" : ""));
  }
}

std::optional<TrainingState> UnfinishedTraining::load(const std::string& fingerprint) const {
  if (!is_asked_for_) return std::nullopt;
  if (!is_resumed_) {
    log_info("no unfinished training of this output: starting from scratch");
    return std::nullopt;
  }
  constexpr const char* kRestartHint = "start over with --overwrite and without --resume";
  std::optional<SavedTraining> saved;
  try {
    saved = load_training_state(state_path_);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--resume: ") + error.what() + "; " + kRestartHint);
  }
  if (const std::string what = fingerprint_difference(saved->fingerprint, fingerprint);
      !what.empty()) {
    throw UsageError("--resume: the checkpoint '" + state_path_ +
                     "' belongs to another training: " + what +
                     "; use the settings of the interrupted training, or " + kRestartHint);
  }
  if (const std::string what = machine_difference(saved->fingerprint, fingerprint); !what.empty()) {
    log_warning("the training began on another kind of machine (" + what +
                "): rounding will differ");
  }
  log_info(formatted("resuming after iteration %.0f", saved->state.numbers.at("iteration")));
  return std::move(saved->state);
}

bool UnfinishedTraining::has_checkpoint() const {
  std::error_code ignored;
  return fs::is_regular_file(state_path_, ignored);
}

void UnfinishedTraining::forget() const {
  std::error_code ignored;
  fs::remove(state_path_, ignored);
}

}  // namespace styletransfer::cli
