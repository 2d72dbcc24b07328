#include "cli/picture_job.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/shown_path.h"
#include "cli/checkpointing.h"
#include "cli/disk_reserve.h"
#include "cli/formatted.h"
#include "cli/input_hashes.h"
#include "cli/job_files.h"
#include "cli/kept_elsewhere.h"
#include "cli/mask_files.h"
#include "cli/painted_by_network.h"
#include "cli/print_flag.h"
#include "cli/run_binding.h"
#include "cli/snapshots.h"
#include "cli/time_limit.h"
#include "detail/run.h"
#include "detail/run_colors.h"
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
  std::error_code trouble;
  if (!fs::equivalent(output, input, trouble)) return;
  throw UsageError("--output " + output + " is the " + flag + " picture itself; name another file");
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

/// Of the result: encoding to the disk, at the slowest format's pace.
double writing_seconds(const Pass& pass) {
  constexpr double kSecondsPerMegapixel = 0.3;
  return kSecondsPerMegapixel * 1e-6 * pass.size_px * pass.size_px;
}

/// What fits other pictures and not this one is told as this one's error.
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

bool needs_network(const StylizeOptions& options, const std::vector<Pass>& passes) {
  if (only_recolors(options.job.colors)) return false;
  if (options.painting.is_wanted()) return has_steps(passes);
  return options.job.init.kind != InitKind::kContent || has_steps(passes);
}

PictureJob::PictureJob(const StylizeOptions& options, Workshop& workshop)
    : options_(options), workshop_(workshop), job_(options.job), write_(options.write) {}

void PictureJob::check() {
  content_file_ = look_at_picture(options_.content_flag, options_.content_path);
  look_at_styles(options_);
  if (!options_.init_path.empty()) look_at_init();
  if (options_.painting.is_wanted()) static_cast<void>(workshop_.painter(options_.painting));
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
  if (!needs_network_ && !options_.model_path.empty()) {
    check_network_file(options_.model_path, trust_of(options_));
  }
}

Size PictureJob::result_size() const {
  return size_with_long_edge(content_file_.size, passes_.back().size_px);
}

/// Any word that is not content or noise names a picture; a mistyped word shows as a missing one.
void PictureJob::look_at_init() const {
  try {
    static_cast<void>(look_at_picture("--init", options_.init_path));
  } catch (const UsageError& error) {
    throw UsageError(std::string(error.what()) + " (choose content, noise or a picture file)");
  }
}

void PictureJob::read_content(Observer& observer) {
  if (needs_network_) workshop_.open();
  const int wanted_px = largest_px(passes_);
  LoadedImage content = open_picture(options_.content_flag, options_.content_path, wanted_px);
  // The proportions of the whole picture, not those of a decoder's rounded reduction.
  const Size target = size_with_long_edge(content_file_.size, wanted_px);
  const bool is_reduced = target.width_px < content_file_.size.width_px;
  job_.content = is_reduced ? resized(content.image, target) : std::move(content.image);
  if (is_reduced) {
    observer.on_message(options_.content_path + " " + size_text(content_file_.size) + " -> " +
                        size_text(target) + "; " + (options_.print ? "--print" : "--size") +
                        " sets it");
  }
  write_.metadata = content.metadata;
  if (options_.print) {
    write_.metadata.dpi = options_.print->dpi;
    observer.on_message("print: " + print_in_words(*options_.print, result_size()));
  }
  apply_alpha_choice(observer);
}

void PictureJob::apply_alpha_choice(Observer& observer) {
  if (!job_.content.has_alpha()) return;
  if (options_.alpha == Alpha::kKeep && output_keeps_alpha(options_.output_path)) return;
  if (options_.alpha == Alpha::kKeep) {
    const std::string trouble =
        options_.content_path + " is transparent and " + options_.output_path + " cannot hold that";
    if (options_.alpha_asked) {
      throw UsageError("--alpha keep: " + trouble + "; name a .png with --output");
    }
    observer.on_warning(trouble + ": laid on white");
  }
  job_.content = flattened(job_.content);
}

void PictureJob::read_styles() {
  if (!needs_network_ && !only_recolors(job_.colors)) return;
  open_styles(options_, largest_px(passes_), workshop_.style_pictures(), job_);
}

void PictureJob::read_start(Observer& observer) {
  if (!needs_network_) return;
  if (options_.painting.is_wanted()) {
    job_.init.image = painted_start(passes_.front(), observer);
    if (job_.init.image.empty()) return;
  } else if (job_.init.kind == InitKind::kImage) {
    job_.init.image = open_picture("--init", options_.init_path).image;
  }
  if (job_.init.kind == InitKind::kNoise) {
    observer.on_message("seed " + std::to_string(job_.init.seed));
  }
  validate(job_, workshop_.network());
}

Result PictureJob::paint(Observer& observer) {
  if (needs_network_) return transfer(observer);
  if (!options_.painting.is_wanted()) return resize();
  Image painted = painted_start(passes_.back(), observer);
  if (painted.empty()) return {{}, Ending::kStopped, {}};
  return {detail::in_final_colors(std::move(painted), job_), Ending::kFinished, {}};
}

Image PictureJob::painted_start(const Pass& pass, Observer& observer) {
  const Size size = size_with_long_edge(job_.content.size, pass.size_px);
  const Image content = size == job_.content.size ? job_.content : resized(job_.content, size);
  const std::lock_guard lock(workshop_.painter_mutex());
  workshop_.tell_device();
  return painted_by_network(workshop_.painter(options_.painting), content,
                            detail::memory_left(job_, workshop_.runtime()), observer);
}

Result PictureJob::transfer(Observer& observer) {
  const DiskReserve reserve(options_.output_path, result_file_bytes());
  const Binding binding = [this] {
    return run_binding(options_, input_hashes(options_, needs_network_, workshop_),
                       workshop_.runtime());
  };
  std::optional<RunState> from = unfinished_->load(binding, observer);
  double& limit_seconds = job_.stopping.time_limit_seconds;
  limit_seconds = time_left(limit_seconds, writing_seconds(passes_.back()));
  std::optional<Snapshots> snapshots;
  if (options_.control.snapshot_every > 0) {
    const auto settings_of = [this](int step) {
      RunRecord so_far = record();
      so_far.ending = Ending::kStopped;
      so_far.snapshot_of_step = step;
      return stored_settings(options_, so_far);
    };
    snapshots.emplace(observer, options_.control.snapshot_every, options_.output_path, write_,
                      settings_of, reserve);
  }
  Checkpointing checkpointing(snapshots ? *snapshots : observer,
                              state_path_of(options_.output_path), binding,
                              options_.control.checkpoint_every, reserve);
  try {
    return workshop_.studio().transfer(job_, checkpointing, std::move(from));
  } catch (const TooLargeError& error) {
    if (!options_.print || error.asked_px() != passes_.back().size_px) throw;
    throw print_too_large(*options_.print, content_file_.size, error);
  }
}

/// No steps: the content at the wanted size, recoloured where asked for; no network involved.
Result PictureJob::resize() const {
  Result result;
  const Size target = size_with_long_edge(job_.content.size, passes_.back().size_px);
  result.image = target == job_.content.size ? job_.content : resized(job_.content, target);
  if (only_recolors(job_.colors)) {
    result.image = in_style_colors(result.image, job_.styles, job_.colors);
  }
  return result;
}

RunRecord PictureJob::record() const {
  RunRecord record;
  record.inputs = input_hashes(options_, needs_network_, workshop_);
  if (needs_network_) record.network_source = workshop_.network().source;
  if (workshop_.has_device()) {
    record.runtime_description = workshop_.runtime().description;
    record.threads = workshop_.runtime().threads;
    record.precision = precision_name(workshop_.runtime());
  }
  record.seconds = seconds_since(start_);
  return record;
}

std::uint64_t PictureJob::result_file_bytes() const {
  return static_cast<std::uint64_t>(std::max(1, options_.job.jobs_at_once)) *
         max_file_bytes(result_size(), job_.content.has_alpha(), write_.bit_depth);
}

void PictureJob::write_picture(const Result& result) {
  const auto write = [&](const std::string& path) {
    WriteOptions options = write_;
    options.overwrite = write_.overwrite && path == options_.output_path;
    write_image(result.image, path, options);
  };
  try {
    return write(options_.output_path);
  } catch (const WriteError& error) {
    // Another run on the same folder has made this picture of a batch.
    if (options_.control.resume_if_sound && error.error_number() == EEXIST) throw;
    // The state of a run that is over serves no longer, and the result has priority.
    const bool is_full = error.error_number() == ENOSPC || error.error_number() == EDQUOT;
    if (is_full && is_over(result.ending) &&
        state_bytes(options_.output_path) >= result_file_bytes()) {
      remove_state(options_.output_path);
    }
  }
  write_or_keep_elsewhere(options_.output_path, write);
}

std::string PictureJob::write(const Result& result) {
  RunRecord written = record();
  written.ending = result.ending;
  written.passes = result.passes;
  write_.settings_json = stored_settings(options_, written);
  write_picture(result);
  if (is_over(result.ending)) remove_state(options_.output_path);
  return options_.output_path + ", " + size_text(result.image.size) +
         formatted(", %.1f s", seconds_since(start_));
}

}  // namespace styletransfer::cli
