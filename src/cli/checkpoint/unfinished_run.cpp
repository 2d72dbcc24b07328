#include "cli/checkpoint/unfinished_run.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/output_target.h"
#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/run_metadata.h"
#include "styletransfer/checkpoint.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestartHint = "start over with --overwrite and without --resume";

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// True when the image was written by an unfinished run.
bool is_interim(const std::string& image_path) {
  try {
    const auto settings = read_settings(image_path);
    return settings && is_unfinished(*settings);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

UnfinishedRun::UnfinishedRun(Kind kind, const std::string& output_path, bool is_asked_for,
                             bool overwrites)
    : kind_(kind),
      output_path_(output_path),
      state_path_(state_path_of(output_path)),
      is_asked_for_(is_asked_for) {
  const bool has_state = exists(state_path_);
  if (has_state && !is_asked_for_ && !overwrites) {
    throw UsageError("'" + state_path_ + "' is the checkpoint of an unfinished " + noun() +
                     " of this output; resume it with --resume, or start over with --overwrite");
  }
  is_resumed_ = has_state && is_asked_for_;
}

UnfinishedRun::UnfinishedRun(const StylizeOptions& options)
    : UnfinishedRun(Kind::kRun, options.output_path, options.control.resume,
                    options.write.overwrite) {
  is_of_batch_ = options.control.resume_if_valid;
  if (!is_asked_for_) return;
  const bool has_output = exists(output_path_);
  if (!is_resumed_ && has_output && !options.write.overwrite) {
    throw UsageError("--resume: '" + output_path_ + "' has no unfinished run (there is no '" +
                     state_path_ + "'); to make it again, " + kRestartHint);
  }
  may_replace_output_ = is_resumed_ && has_output && is_interim(output_path_);
}

UnfinishedRun::UnfinishedRun(const TrainingControl& control,
                             const std::vector<std::string>& outputs)
    : UnfinishedRun(Kind::kTraining, control.output_path, control.resume, control.overwrite) {
  check_state_name(control.output_path);
  for (const std::string& path : outputs) check_output_target(path, /*may_replace=*/true);
  if (is_resumed_ || control.overwrite) return;
  for (const std::string& path : outputs) {
    if (!exists(path)) continue;
    throw UsageError("--output: '" + path + "' already exists; add --overwrite" +
                     (is_asked_for_ ? " to train it again (it has no unfinished training)" : ""));
  }
}

std::shared_ptr<Checkpoint> UnfinishedRun::load(const Fingerprint& fingerprint,
                                                Observer& observer) const {
  if (!is_asked_for_) return nullptr;
  if (!is_resumed_) {
    const std::string output = kind_ == Kind::kRun ? output_path_ : "this output";
    observer.on_message(std::string("no unfinished ") + noun() + " of " + output +
                        ": starting from scratch");
    return nullptr;
  }
  SavedCheckpoint saved;
  if (!read(saved, observer)) return nullptr;
  const std::string now = fingerprint();
  if (const std::string what = fingerprint_difference(saved.fingerprint, now); !what.empty()) {
    refuse("the checkpoint '" + state_path_ + "' belongs to another " + noun() + ": " + what,
           std::string("use the settings of the interrupted ") + noun() + ", or ");
  }
  if (const std::string what = machine_difference(saved.fingerprint, now); !what.empty()) {
    observer.on_warning(std::string("the ") + noun() + " began on another kind of machine (" +
                        what + "): rounding will differ");
  }
  const std::string pass =
      kind_ == Kind::kRun ? " pass " + std::to_string(saved.checkpoint.pass_index + 1) : "";
  observer.on_message("resuming" + pass + " after iteration " +
                      std::to_string(saved.checkpoint.iteration));
  return std::make_shared<Checkpoint>(std::move(saved.checkpoint));
}

bool UnfinishedRun::read(SavedCheckpoint& saved, Observer& observer) const {
  try {
    saved = load_checkpoint(state_path_);
    return true;
  } catch (const UsageError& error) {
    if (!is_of_batch_) refuse(error.message());
    observer.on_warning(error.message() + ": this image is restarted from scratch");
    return false;
  }
}

void UnfinishedRun::refuse(const Message& problem, const std::string& other_remedy) const {
  if (is_of_batch_) {
    throw UsageError(problem + "; " + other_remedy + "remove the file to start over");
  }
  throw UsageError("--resume: " + problem + "; " + other_remedy + kRestartHint);
}

}  // namespace styletransfer::cli
