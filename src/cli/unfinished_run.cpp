#include "cli/unfinished_run.h"

#include <filesystem>
#include <system_error>

#include "cli/checkpointing.h"
#include "cli/run_binding.h"
#include "cli/settings.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStartAnew = "start anew with --overwrite and without --resume";

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Written by a run that was not finished.
bool is_interim(const std::string& picture_path) {
  try {
    const auto settings = read_settings(picture_path);
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
      is_of_batch_(options.control.resume_if_sound) {
  const bool has_state = exists(state_path_);
  const bool overwrites = options.write.overwrite;
  if (has_state && !is_asked_for_ && !overwrites) {
    throw UsageError("'" + state_path_ + "' holds an unfinished run of this output; go on with " +
                     "--resume, or start anew with --overwrite");
  }
  if (!is_asked_for_) return;
  const bool has_output = exists(output_path_);
  if (!has_state && has_output && !overwrites) {
    throw UsageError("--resume: '" + output_path_ + "' has no unfinished run (there is no '" +
                     state_path_ + "'); to paint it again, " + kStartAnew);
  }
  is_resumed_ = has_state;
  may_replace_output_ = has_state && has_output && is_interim(output_path_);
}

std::optional<RunState> UnfinishedRun::load(const Binding& binding, Observer& observer) const {
  if (!is_asked_for_) return std::nullopt;
  if (!is_resumed_) {
    observer.on_message("no unfinished run of " + output_path_ + ": starting from the beginning");
    return std::nullopt;
  }
  std::optional<SavedRun> saved = read(observer);
  if (!saved) return std::nullopt;
  const std::string now = binding();
  if (const std::string what = binding_difference(saved->binding, now); !what.empty()) {
    refuse("'" + state_path_ + "' belongs to another run: " + what);
  }
  if (const std::string what = machine_difference(saved->binding, now); !what.empty()) {
    observer.on_warning("the run began on another kind of machine (" + what +
                        "): roundings will differ");
  }
  observer.on_message("going on with pass " + std::to_string(saved->state.pass_index + 1) +
                      " after step " + std::to_string(saved->state.pass.search.iterations));
  return std::move(saved->state);
}

std::optional<SavedRun> UnfinishedRun::read(Observer& observer) const {
  try {
    return load_run_state(state_path_);
  } catch (const UsageError& error) {
    if (!is_of_batch_) refuse(error.what());
    observer.on_warning(std::string(error.what()) + ": its picture is painted from the beginning");
    return std::nullopt;
  }
}

void UnfinishedRun::refuse(const std::string& trouble) const {
  if (is_of_batch_) {
    throw UsageError(trouble + "; give what it was begun with, or remove it to begin anew");
  }
  throw UsageError("--resume: " + trouble + "; give what it was begun with, or " + kStartAnew);
}

}  // namespace styletransfer::cli
