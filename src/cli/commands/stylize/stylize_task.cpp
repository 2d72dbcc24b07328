#include "cli/commands/stylize/stylize_task.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/shown_path.h"
#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/disk_reserve.h"
#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/snapshots.h"
#include "cli/commands/stylize/network_image.h"
#include "cli/inputs/input_hashes.h"
#include "cli/inputs/job_files.h"
#include "cli/inputs/mask_files.h"
#include "cli/inputs/time_limit.h"
#include "cli/options/flag_checks.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/formatted.h"
#include "engine/checkpoint.h"
#include "engine/color_modes.h"
#include "engine/run.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string size_text(Size size) {
  return std::to_string(size.width_px) + "x" + std::to_string(size.height_px);
}

void refuse_output_over_input(const std::string& output, const std::string& flag,
                              const std::string& input) {
  std::error_code problem;
  if (!fs::equivalent(output, input, problem)) return;
  throw UsageError("--output " + output + " is the " + flag + " image itself; choose another file");
}

void check_output(const StylizeOptions& options, const WriteOptions& write, Size size) {
  refuse_output_over_input(options.output_path, options.content_flag, options.content_path);
  for (const std::string& style : options.style_paths) {
    refuse_output_over_input(options.output_path, options.style_flag, style);
  }
  for_each_mask(options.masks, [&](const std::string& flag, const std::string& path) {
    refuse_output_over_input(options.output_path, flag, path);
  });
  try {
    check_output_path(options.output_path, write, size);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--output: ") + error.what());
  }
}

/// Time to encode and write the result, at the slowest format's speed.
double writing_seconds(const Pass& pass) {
  constexpr double kSecondsPerMegapixel = 0.3;
  return kSecondsPerMegapixel * 1e-6 * pass.size_px * pass.size_px;
}

/// Attributes an error of the schedule to this image's path.
std::vector<Pass> passes_of_content(const StylizeOptions& options, Size content) {
  try {
    return passes_for(options, content);
  } catch (const UsageError& error) {
    throw UsageError(options.content_flag + ": " + shown_path(options.content_path) + ": " +
                     error.what());
  }
}

bool is_over(Ending ending) { return ending == Ending::kFinished || ending == Ending::kDiverged; }

std::uint64_t state_bytes(const std::string& output_path) {
  std::error_code is_missing;
  const std::uintmax_t bytes = fs::file_size(state_path_of(output_path), is_missing);
  return is_missing ? 0 : bytes;
}

int largest_px(const std::vector<Pass>& passes) {
  int largest = 0;
  for (const Pass& pass : passes) largest = std::max(largest, pass.size_px);
  return largest;
}

}  // namespace

StylizeTask::StylizeTask(const StylizeOptions& options, SharedResources& resources)
    : options_(options), resources_(resources), job_(options.job), write_(options.write) {}

void StylizeTask::check() {
  content_file_ = inspect_image(options_.content_flag, options_.content_path);
  inspect_styles(options_);
  if (!options_.init_path.empty()) inspect_init();
  if (options_.feed_forward.is_wanted())
    static_cast<void>(resources_.feed_forward(options_.feed_forward));
  passes_ = passes_of_content(options_, content_file_.size);
  job_.schedule = schedule_for(options_, content_file_.size);
  unfinished_.emplace(options_);
  write_.overwrite = write_.overwrite || unfinished_->may_replace_output();
  check_output(options_, write_, result_size());
  if (options_.control.snapshot_every > 0) {
    Snapshots::check_folder(options_.output_path, options_.write.overwrite,
                            unfinished_->is_resumed());
  }
  needs_network_ = needs_network(options_, passes_);
  if (has_steps(passes_)) check_state_name(options_.output_path);
  if (!needs_network_ && !options_.model_path.empty()) {
    check_network_file(options_.model_path, trust_of(options_));
  }
}

Size StylizeTask::result_size() const {
  return size_with_long_edge(content_file_.size, passes_.back().size_px);
}

/// Any word other than content or noise is an image path, so the error for a missing file also
/// lists these choices.
void StylizeTask::inspect_init() const {
  try {
    static_cast<void>(inspect_image("--init", options_.init_path));
  } catch (const UsageError& error) {
    throw UsageError(std::string(error.what()) + " (choose content, noise or an image file)");
  }
}

void StylizeTask::read_content(Observer& observer) {
  if (needs_network_) resources_.open();
  const int wanted_px = largest_px(passes_);
  LoadedImage content = open_image(options_.content_flag, options_.content_path, wanted_px);
  // Uses the proportions of the full image, not of a decoder's rounded reduction.
  const Size target = size_with_long_edge(content_file_.size, wanted_px);
  const bool is_reduced = target.width_px < content_file_.size.width_px;
  job_.content = is_reduced ? resized(content.image, target) : std::move(content.image);
  if (is_reduced) {
    observer.on_message(options_.content_path + " " + size_text(content_file_.size) + " -> " +
                        size_text(target) + "; change it with " +
                        (options_.print ? "--print" : "--size"));
  }
  write_.metadata = content.metadata;
  if (options_.print) {
    write_.metadata.dpi = options_.print->dpi;
    observer.on_message("print: " + print_text(*options_.print, result_size()));
  }
  apply_alpha_choice(observer);
}

void StylizeTask::apply_alpha_choice(Observer& observer) {
  if (!job_.content.has_alpha()) return;
  if (options_.alpha == Alpha::kKeep && output_keeps_alpha(options_.output_path)) return;
  if (options_.alpha == Alpha::kKeep) {
    const std::string problem = options_.content_path + " has transparency and " +
                                options_.output_path + " cannot store it";
    if (options_.alpha_asked) {
      throw UsageError("--alpha keep: " + problem + "; choose a .png file with --output");
    }
    observer.on_warning(problem + ": composited on white");
  }
  job_.content = flattened(job_.content);
}

void StylizeTask::read_styles() {
  if (!needs_network_ && !only_transfers_colors(job_.colors)) return;
  open_styles(options_, largest_px(passes_), resources_.style_images(), job_);
}

void StylizeTask::read_start(Observer& observer) {
  if (!needs_network_) return;
  if (options_.feed_forward.is_wanted()) {
    job_.init.image = network_start(passes_.front(), observer);
    if (job_.init.image.empty()) return;
  } else if (job_.init.kind == InitKind::kImage) {
    job_.init.image = open_image("--init", options_.init_path).image;
  }
  if (job_.init.kind == InitKind::kNoise) {
    observer.on_message("seed " + std::to_string(job_.init.seed));
  }
  validate(job_, resources_.network());
}

Result StylizeTask::paint(Observer& observer) {
  if (needs_network_) return transfer(observer);
  if (!options_.feed_forward.is_wanted()) return resize();
  Image painted = network_start(passes_.back(), observer);
  if (painted.empty()) return {{}, Ending::kStopped, {}};
  return {detail::with_final_colors(std::move(painted), job_), Ending::kFinished, {}};
}

Image StylizeTask::network_start(const Pass& pass, Observer& observer) {
  const Size size = size_with_long_edge(job_.content.size, pass.size_px);
  const Image content = size == job_.content.size ? job_.content : resized(job_.content, size);
  const std::lock_guard lock(resources_.feed_forward_mutex());
  resources_.report_device();
  return stylized_by_network(resources_.feed_forward(options_.feed_forward), content,
                             detail::memory_left(job_, resources_.runtime()), observer);
}

Result StylizeTask::transfer(Observer& observer) {
  const DiskReserve reserve(options_.output_path, result_file_bytes());
  const Fingerprint fingerprint = [this] {
    return checkpoint_fingerprint(options_, input_hashes(options_, needs_network_, resources_),
                                  resources_.runtime());
  };
  std::shared_ptr<RunState> from;
  if (auto state = unfinished_->load(fingerprint, observer)) {
    from = std::make_shared<RunState>(std::move(*state));
  }
  double& limit_seconds = job_.stopping.time_limit_seconds;
  limit_seconds = time_left(limit_seconds, writing_seconds(passes_.back()));
  std::optional<Snapshots> snapshots;
  if (options_.control.snapshot_every > 0) {
    const auto settings_of = [this](int step) {
      RunMetadata so_far = record();
      so_far.ending = Ending::kStopped;
      so_far.snapshot_of_step = step;
      return stored_settings(options_, so_far);
    };
    snapshots.emplace(observer, options_.control.snapshot_every, options_.output_path, write_,
                      settings_of, reserve);
  }
  CheckpointWriter checkpoint_writer(snapshots ? *snapshots : observer,
                                     state_path_of(options_.output_path), fingerprint,
                                     options_.control.checkpoint_every, reserve);
  try {
    Result result = resources_.session().transfer(job_, checkpoint_writer, from);
    if (const std::string cut = time_limit_text(result.passes); !cut.empty()) {
      observer.on_message(cut);
    }
    return result;
  } catch (const TooLargeError& error) {
    if (!options_.print || error.asked_px() != passes_.back().size_px) throw;
    throw print_too_large(*options_.print, content_file_.size, error);
  }
}

/// Zero iterations: the content resized, and recolored if requested; no network involved.
Result StylizeTask::resize() const {
  Result result;
  const Size target = size_with_long_edge(job_.content.size, passes_.back().size_px);
  result.image = target == job_.content.size ? job_.content : resized(job_.content, target);
  if (only_transfers_colors(job_.colors)) {
    result.image = in_style_colors(result.image, job_.styles, job_.colors);
  }
  return result;
}

RunMetadata StylizeTask::record() const {
  RunMetadata record;
  record.inputs = input_hashes(options_, needs_network_, resources_);
  if (needs_network_) record.network_source = resources_.network().source;
  if (resources_.has_device()) {
    record.runtime_description = resources_.runtime().description;
    record.threads = resources_.runtime().threads;
    record.precision = precision_name(resources_.runtime());
  }
  record.seconds = seconds_since(start_);
  return record;
}

std::string StylizeTask::settings_json() const { return cli::settings_json(options_, record()); }

std::uint64_t StylizeTask::result_file_bytes() const {
  return static_cast<std::uint64_t>(std::max(1, options_.job.jobs_at_once)) *
         max_file_bytes(result_size(), job_.content.has_alpha(), write_.bit_depth);
}

void StylizeTask::write_result(const Result& result) {
  const auto write = [&](const std::string& path) {
    WriteOptions options = write_;
    options.overwrite = write_.overwrite && path == options_.output_path;
    styletransfer::write_image(result.image, path, options);
  };
  try {
    return write(options_.output_path);
  } catch (const WriteError& error) {
    // Another process on the same folder has made this image of the batch.
    if (options_.control.resume_if_valid && error.error_number() == EEXIST) throw;
    // The checkpoint of a finished run is not needed any more, and the result has priority.
    const bool is_full = error.error_number() == ENOSPC || error.error_number() == EDQUOT;
    if (is_full && is_over(result.ending) &&
        state_bytes(options_.output_path) >= result_file_bytes()) {
      remove_state(options_.output_path);
    }
  }
  write_or_use_fallback(options_.output_path, write);
}

std::string StylizeTask::write(const Result& result) {
  RunMetadata written = record();
  written.ending = result.ending;
  written.passes = result.passes;
  write_.settings_json = stored_settings(options_, written);
  write_result(result);
  if (is_over(result.ending)) remove_state(options_.output_path);
  return options_.output_path + ", " + size_text(result.image.size) +
         formatted(", %.1f s", seconds_since(start_));
}

}  // namespace styletransfer::cli
