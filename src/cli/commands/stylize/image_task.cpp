#include "cli/commands/stylize/image_task.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/shown_path.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/fallback_output.h"
#include "cli/checkpoint/run_metadata.h"
#include "cli/commands/stylize/apply_task.h"
#include "cli/commands/stylize/network_image.h"
#include "cli/commands/stylize/resize_task.h"
#include "cli/commands/stylize/stylize_task.h"
#include "cli/inputs/input_hashes.h"
#include "cli/inputs/job_files.h"
#include "cli/inputs/mask_files.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/formatted.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {
namespace {

namespace fs = std::filesystem;

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
    throw UsageError("--output: " + error.message());
  }
}

/// Attributes an error of the schedule to this image's path.
std::vector<Pass> passes_of_content(const StylizeOptions& options, Size content) {
  try {
    return passes_for(options, content);
  } catch (const UsageError& error) {
    throw UsageError(options.content_flag + ": " + shown_path(options.content_path) + ": " +
                     error.message());
  }
}

std::uint64_t state_bytes(const std::string& output_path) {
  std::error_code is_missing;
  const std::uintmax_t bytes = fs::file_size(state_path_of(output_path), is_missing);
  return is_missing ? 0 : bytes;
}

}  // namespace

ImageTask::ImageTask(const StylizeOptions& options, SharedResources& resources)
    : options_(options), resources_(resources), job_(options.job), write_(options.write) {}

ImageTask::~ImageTask() { resources_.files().close(options_.content_path); }

void ImageTask::check() {
  content_file_ = resources_.files().inspect(options_.content_flag, options_.content_path);
  check_inputs();
  passes_ = passes_of_content(options_, content_file_.size);
  unfinished_.emplace(options_);
  write_.overwrite = write_.overwrite || unfinished_->may_replace_output();
  check_output(options_, write_, result_size());
  check_run();
  if (!needs_vgg()) resources_.check_unused_network();
}

Size ImageTask::result_size() const { return passes_.back().size; }

double ImageTask::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

double ImageTask::lap_seconds() {
  const Clock::time_point now = Clock::now();
  const double lap = std::chrono::duration<double>(now - lap_start_).count();
  lap_start_ = now;
  return lap;
}

void ImageTask::read_content(Observer& observer) {
  if (needs_vgg()) resources_.open();
  int wanted_px = 0;
  for (const Pass& pass : passes_) wanted_px = std::max(wanted_px, pass.size_px);
  LoadedImage content =
      resources_.files().read(options_.content_flag, options_.content_path, wanted_px);
  // Uses the proportions of the full image, not of a decoder's rounded reduction.
  const Size target = size_with_long_edge(content_file_.size, wanted_px);
  const bool is_reduced = target.width_px < content_file_.size.width_px;
  job_.content = is_reduced ? resized(content.image, target) : std::move(content.image);
  if (is_reduced) {
    observer.on_message(options_.content_path + " " + size_text(content_file_.size) + " -> " +
                        size_text(target) + "; change it with " +
                        (options_.print ? "--print" : "--size"));
  }
  // The passes are computed from this image, whose rounded sides they share.
  for (Pass& pass : passes_) pass.size = size_with_long_edge(job_.content.size, pass.size_px);
  job_.passes = passes_;
  write_.metadata = content.metadata;
  if (options_.print) {
    write_.metadata.dpi = options_.print->dpi;
    observer.on_message("print: " + print_text(*options_.print, result_size()));
  }
  apply_alpha_choice(observer);
}

void ImageTask::apply_alpha_choice(Observer& observer) {
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

void ImageTask::finish_reading() {
  report_.inputs = input_hashes(options_, needs_vgg(), resources_);
  if (needs_vgg()) report_.network_source = resources_.network_source();
  report_.machine = resources_.machine();
  report_.seconds = seconds();
  report_.reading_seconds = lap_seconds();
}

std::optional<Image> ImageTask::make(Observer& observer) {
  std::optional<Image> image = make_image(observer);
  if (!report_.stop_reason) {
    report_.stop_reason = image ? StopReason::kFinished : StopReason::kInterrupted;
  }
  // A network may have chosen the device.
  report_.machine = resources_.machine();
  report_.optimizing_seconds = lap_seconds();
  return image;
}

Image ImageTask::content_at(Size size) const {
  return size == job_.content.size ? job_.content : resized(job_.content, size);
}

std::optional<Image> ImageTask::network_image(Size size, Observer& observer) {
  const Image content = content_at(size);
  const std::lock_guard lock(resources_.feed_forward_mutex());
  resources_.report_device();
  return stylized_by_network(resources_.feed_forward(options_.feed_forward), content,
                             resources_.memory_left(job_), observer);
}

std::uint64_t ImageTask::result_file_bytes() const {
  return static_cast<std::uint64_t>(std::max(1, options_.job.jobs_at_once)) *
         max_file_bytes(result_size(), job_.content.has_alpha(), write_.bit_depth);
}

bool ImageTask::is_over() const {
  return report_.stop_reason == StopReason::kFinished ||
         report_.stop_reason == StopReason::kDiverged;
}

void ImageTask::write_result(const Image& image) {
  const auto write = [&](const std::string& path) {
    WriteOptions options = write_;
    options.overwrite = write_.overwrite && path == options_.output_path;
    styletransfer::write_image(image, path, options);
  };
  try {
    return write(options_.output_path);
  } catch (const WriteError& error) {
    // Another process on the same folder has made this image of the batch.
    if (options_.control.resume_if_valid && error.error_number() == EEXIST) throw;
    // The checkpoint of a finished run is not needed any more, and the result has priority.
    const bool is_full = error.error_number() == ENOSPC || error.error_number() == EDQUOT;
    if (is_full && is_over() && state_bytes(options_.output_path) >= result_file_bytes()) {
      remove_state(options_.output_path);
    }
  }
  write_or_use_fallback(options_.output_path, write);
}

std::string ImageTask::write(const Image& image) {
  report_.seconds = seconds();
  write_.settings_json = stored_settings(options_, report_);
  write_result(image);
  if (is_over()) remove_state(options_.output_path);
  report_.seconds = seconds();
  report_.writing_seconds = lap_seconds();
  return options_.output_path + ", " + size_text(image.size) +
         formatted(", %.1f s", report_.seconds);
}

void ImageTask::fail(const std::string& message) {
  report_.failure = message;
  if (report_.optimizing_seconds == 0.0) report_.optimizing_seconds = lap_seconds();
}

std::unique_ptr<ImageTask> make_image_task(const StylizeOptions& options,
                                           SharedResources& resources) {
  const bool optimizes = has_steps(options.job.schedule);
  if (only_transfers_colors(options.job.colors)) {
    return std::make_unique<ResizeTask>(options, resources);
  }
  if (options.feed_forward.is_wanted() && !optimizes) {
    return std::make_unique<ApplyTask>(options, resources);
  }
  if (!optimizes && options.job.init.kind == InitKind::kContent) {
    return std::make_unique<ResizeTask>(options, resources);
  }
  return std::make_unique<StylizeTask>(options, resources);
}

}  // namespace styletransfer::cli
