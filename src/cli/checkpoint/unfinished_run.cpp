#include "cli/checkpoint/unfinished_run.h"

#include <filesystem>
#include <system_error>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/run_metadata.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSameSettingsHint = "use the settings of the interrupted run, or ";
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

UnfinishedRun::UnfinishedRun(const StylizeOptions& options)
    : output_path_(options.output_path),
      state_path_(state_path_of(options.output_path)),
      is_asked_for_(options.control.resume),
      is_of_batch_(options.control.resume_if_valid) {
  const bool has_state = exists(state_path_);
  const bool overwrites = options.write.overwrite;
  if (has_state && !is_asked_for_ && !overwrites) {
    throw UsageError("'" + state_path_ +
                     "' is the checkpoint of an unfinished run of this output; resume it with " +
                     "--resume, or start over with --overwrite");
  }
  if (!is_asked_for_) return;
  const bool has_output = exists(output_path_);
  if (!has_state && has_output && !overwrites) {
    throw UsageError("--resume: '" + output_path_ + "' has no unfinished run (there is no '" +
                     state_path_ + "'); to make it again, " + kRestartHint);
  }
  is_resumed_ = has_state;
  may_replace_output_ = has_state && has_output && is_interim(output_path_);
}

std::optional<RunState> UnfinishedRun::load(const Fingerprint& fingerprint,
                                            Observer& observer) const {
  if (!is_asked_for_) return std::nullopt;
  if (!is_resumed_) {
    observer.on_message("no unfinished run of " + output_path_ + ": starting from scratch");
    return std::nullopt;
  }
  std::optional<SavedRun> saved = read(observer);
  if (!saved) return std::nullopt;
  const std::string now = fingerprint();
  if (const std::string what = fingerprint_difference(saved->fingerprint, now); !what.empty()) {
    refuse("the checkpoint '" + state_path_ + "' belongs to another run: " + what,
           kSameSettingsHint);
  }
  if (const std::string what = machine_difference(saved->fingerprint, now); !what.empty()) {
    observer.on_warning("the run began on another kind of machine (" + what +
                        "): rounding will differ");
  }
  observer.on_message("resuming pass " + std::to_string(saved->state.pass_index + 1) +
                      " after iteration " + std::to_string(saved->state.pass.search.iterations));
  return std::move(saved->state);
}

std::optional<SavedRun> UnfinishedRun::read(Observer& observer) const {
  try {
    return load_run_state(state_path_);
  } catch (const UsageError& error) {
    if (!is_of_batch_) refuse(error.what());
    observer.on_warning(std::string(error.what()) + ": this image is restarted from scratch");
    return std::nullopt;
  }
}

void UnfinishedRun::refuse(const std::string& problem, const std::string& other_remedy) const {
  if (is_of_batch_) {
    throw UsageError(problem + "; " + other_remedy + "remove the file to start over");
  }
  throw UsageError("--resume: " + problem + "; " + other_remedy + kRestartHint);
}

}  // namespace styletransfer::cli
