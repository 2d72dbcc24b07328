#include "cli/commands/batch/stylized_items.h"

#include <filesystem>
#include <memory>
#include <new>

#include "base/shown_path.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/checkpoint/run_metadata.h"
#include "cli/commands/stylize/image_task.h"
#include "cli/inputs/input_hashes.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/interrupt.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {

StylizeOptions StylizedItems::options_of(const Pair& pair) const {
  StylizeOptions options = shared_;
  options.content_path = pair.content->path;
  if (second_ == Second::kStyle) options.style_paths = {pair.style->path};
  options.output_path = pair.output_path;
  // Running the same command again continues, even in the middle of an image; --overwrite starts
  // over.
  std::error_code ignored;
  options.control.resume_if_valid = true;
  options.control.resume =
      !options.write.overwrite && std::filesystem::exists(state_path_of(pair.output_path), ignored);
  return options;
}

std::string StylizedItems::shown_name(const SourceImage& source, const Pair& pair) const {
  const std::string& flag = &source == pair.content ? shared_.content_flag : shared_.style_flag;
  return flag + ": " + shown_path(source.path);
}

/// In pixels x iterations; between pairs only the content's size differs.
double StylizedItems::work_of(const Pair& pair) const {
  double work = 0.0;
  for (const Pass& pass : passes_for(shared_, pair.content->size)) {
    // + 1: an image takes time even with zero iterations.
    work += static_cast<double>(pass.size.width_px) * pass.size.height_px * (pass.iterations + 1);
  }
  return work;
}

std::string StylizedItems::difference_of(const Pair& pair, const std::string& stored) {
  const StylizeOptions options = options_of(pair);
  return difference_from(stored, options,
                         input_hashes(options, needs_network(options), resources_));
}

void StylizedItems::prepare(std::span<const Pair* const> planned) {
  if (!planned.empty() && needs_network(shared_)) resources_.open();
}

int StylizedItems::threads_each() const {
  return resources_.has_device() ? resources_.runtime().threads : 1;
}

void StylizedItems::begin_thread() {
  if (resources_.has_device()) use_threads_of(resources_.runtime());
}

std::optional<StylizedItem> StylizedItems::make(const Pair& pair, ImageReporter& reporter,
                                                const SourceReader& read, std::mutex& files) {
  const StylizeOptions options = options_of(pair);
  const std::unique_ptr<ImageTask> task = make_image_task(options, resources_);
  {
    const std::lock_guard lock(files);
    task->check();
    read(*pair.content, [&] { task->read_content(reporter); });
    read(*pair.style, [&] { task->read_styles(); });
    task->read_start(reporter);
    task->finish_reading();
  }
  if (interrupt_requested()) return std::nullopt;
  const std::optional<Image> image = task->make(reporter);
  const std::optional<StopReason> reason = task->report().stop_reason;
  if (!image || reason == StopReason::kInterrupted) return std::nullopt;
  if (reason == StopReason::kOutOfMemory) throw std::bad_alloc();
  const std::lock_guard lock(files);
  const std::string summary = task->write(*image);
  return StylizedItem{summary, image->size, task->report()};
}

}  // namespace styletransfer::cli
