#include "cli/train/unfinished_training.h"

#include <filesystem>
#include <system_error>

#include "base/output_target.h"
#include "cli/checkpointing.h"
#include "cli/formatted.h"
#include "cli/log/log.h"
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
  for (const std::string& path : outputs) check_output_target(path, /*may_replace=*/true);
  const bool has_state = exists(state_path_);
  if (has_state && !is_asked_for_ && !control.overwrite) {
    throw UsageError("'" + state_path_ + "' holds an unfinished training of this output; go on " +
                     "with --resume, or start anew with --overwrite");
  }
  is_resumed_ = has_state && is_asked_for_;
  if (is_resumed_ || control.overwrite) return;
  for (const std::string& path : outputs) {
    if (!exists(path)) continue;
    throw UsageError("--output: '" + path + "' is there already; add --overwrite" +
                     (is_asked_for_ ? " to train it anew (it has no unfinished training)" : ""));
  }
}

std::optional<TrainingState> UnfinishedTraining::load(const std::string& binding) const {
  if (!is_asked_for_) return std::nullopt;
  if (!is_resumed_) {
    log_info("no unfinished training of this output: starting from the beginning");
    return std::nullopt;
  }
  try {
    SavedTraining saved = load_training_state(state_path_);
    if (const std::string what = binding_difference(saved.binding, binding); !what.empty()) {
      throw UsageError("'" + state_path_ + "' belongs to another training: " + what);
    }
    if (const std::string what = machine_difference(saved.binding, binding); !what.empty()) {
      log_warning("the training began on another kind of machine (" + what +
                  "): roundings will differ");
    }
    log_info(formatted("going on after step %.0f", saved.state.numbers.at("iteration")));
    return std::move(saved.state);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--resume: ") + error.what() +
                     "; give what it was begun with, or start anew with --overwrite and without "
                     "--resume");
  }
}

void UnfinishedTraining::forget() const {
  std::error_code ignored;
  fs::remove(state_path_, ignored);
}

}  // namespace styletransfer::cli
