#include "cli/commands/stylize/stylize_task.h"

#include <algorithm>
#include <filesystem>

#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/run_metadata.h"
#include "cli/checkpoint/snapshots.h"
#include "cli/inputs/job_files.h"
#include "cli/inputs/time_limit.h"
#include "cli/options/print_flag.h"
#include "styletransfer/error.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {
namespace {

/// Time to encode and write the result, at the slowest format's speed.
double writing_seconds(const Pass& pass) {
  constexpr double kSecondsPerMegapixel = 0.3;
  return kSecondsPerMegapixel * 1e-6 * pass.size_px * pass.size_px;
}

}  // namespace

void StylizeTask::check_inputs() {
  inspect_styles(options_, resources_.files());
  if (!options_.init_path.empty()) inspect_init();
  if (options_.feed_forward.is_wanted()) {
    static_cast<void>(resources_.feed_forward(options_.feed_forward));
  }
}

void StylizeTask::check_run() {
  if (options_.control.snapshot_every > 0) {
    Snapshots::check_folder(options_.output_path, options_.write.overwrite,
                            unfinished_->is_resumed());
  }
  if (has_steps(passes_)) check_state_name(options_.output_path);
}

/// Any word other than content or noise is an image path, so the error for a missing file also
/// lists these choices.
void StylizeTask::inspect_init() const {
  try {
    resources_.files().inspect("--init", options_.init_path);
  } catch (const UsageError& error) {
    throw UsageError(error.message() + " (choose content, noise or an image file)");
  }
}

int StylizeTask::largest_px() const {
  int largest = 0;
  for (const Pass& pass : passes_) largest = std::max(largest, pass.size_px);
  return largest;
}

void StylizeTask::read_styles() {
  open_styles(options_, largest_px(), resources_.files(), resources_.style_images(), job_);
}

void StylizeTask::read_start(Observer& observer) {
  if (options_.feed_forward.is_wanted()) {
    std::optional<Image> start = network_image(passes_.front().size, observer);
    is_interrupted_ = !start;
    if (is_interrupted_) return;
    job_.init.image = std::move(*start);
  } else if (job_.init.kind == InitKind::kImage) {
    job_.init.image = resources_.files().read("--init", options_.init_path).image;
  }
  if (job_.init.kind == InitKind::kNoise) {
    observer.on_message("seed " + std::to_string(job_.init.seed));
  }
  validate(job_, resources_.network());
}

std::optional<Image> StylizeTask::make_image(Observer& observer) {
  if (is_interrupted_) return std::nullopt;
  const DiskReserve reserve(options_.output_path, result_file_bytes());
  const Fingerprint fingerprint = [this] {
    return checkpoint_fingerprint(options_, report_.inputs, resources_.runtime());
  };
  const std::shared_ptr<Checkpoint> from = unfinished_->load(fingerprint, observer);
  double& limit_seconds = job_.stopping.time_limit_seconds;
  limit_seconds = time_left(limit_seconds, writing_seconds(passes_.back()));
  Snapshots snapshots(observer,
                      {.every = options_.control.snapshot_every,
                       .folder = snapshot_folder_of(options_.output_path),
                       .noun = "a snapshot",
                       .extension = std::filesystem::path(options_.output_path).extension(),
                       .write = write_,
                       .settings_of = [this](int step) { return snapshot_settings(step); },
                       .reserve = reserve});
  CheckpointWriter checkpoints(observer, options_.output_path, fingerprint,
                               options_.control.checkpoint_every, reserve);
  Observers observers;
  observers.add(observer);
  observers.add(snapshots);
  observers.add(checkpoints);
  Result result;
  try {
    result = resources_.session().transfer(job_, observers, from);
  } catch (const SizeError& error) {
    if (!options_.print || error.facts().asked_px != passes_.back().size_px) throw;
    throw print_too_large(*options_.print, content_file_.size, error);
  }
  report_.stop_reason = result.report.stop_reason;
  report_.passes = std::move(result.report.passes);
  if (const std::string cut = time_limit_text(report_.passes); !cut.empty()) {
    observer.on_message(cut);
  }
  return std::move(result.image);
}

std::string StylizeTask::snapshot_settings(int step) const {
  RunReport so_far = report_;
  so_far.stop_reason = StopReason::kInterrupted;
  so_far.snapshot_of_step = step;
  so_far.seconds = seconds();
  return stored_settings(options_, so_far);
}

}  // namespace styletransfer::cli
