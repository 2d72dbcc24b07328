#include "cli/commands/batch/stylized_items.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include "base/shown_path.h"
#include "cli/checkpoint/checkpointing.h"
#include "cli/commands/stylize/stylize_task.h"
#include "cli/inputs/input_hashes.h"
#include "cli/options/flag_checks.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/interrupt.h"

namespace styletransfer::cli {

StylizeOptions StylizedItems::options_of(const Pair& pair) const {
  StylizeOptions options = shared_;
  options.content_path = pair.content->path;
  if (style_ == PairStyle::kStyleImage) options.style_paths = {pair.style->path};
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
    const Size size = size_with_long_edge(pair.content->size, pass.size_px);
    // + 1: an image takes time even with zero iterations.
    work += static_cast<double>(size.width_px) * size.height_px * (pass.iterations + 1);
  }
  return work;
}

std::string StylizedItems::difference_of(const Pair& pair, const std::string& stored) {
  const StylizeOptions options = options_of(pair);
  // An unreadable image has no size for a schedule; 512x512 stands in.
  const Size size = pair.content->size == Size{} ? Size{512, 512} : pair.content->size;
  const bool with_network = needs_network(options, passes_for(options, size));
  return difference_from(stored, options, input_hashes(options, with_network, resources_));
}

void StylizedItems::prepare(std::span<const Pair* const> planned) {
  const bool with_network = std::any_of(planned.begin(), planned.end(), [&](const Pair* pair) {
    return needs_network(shared_, passes_for(shared_, pair->content->size));
  });
  if (with_network) resources_.open();
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
  StylizeTask image(options, resources_);
  {
    const std::lock_guard lock(files);
    image.check();
    read(*pair.content, [&] { image.read_content(reporter); });
    read(*pair.style, [&] { image.read_styles(); });
    image.read_start(reporter);
  }
  if (interrupt_requested()) return std::nullopt;
  const Result result = image.paint(reporter);
  if (result.ending == Ending::kStopped) return std::nullopt;
  if (result.ending == Ending::kOutOfMemory) throw std::bad_alloc();
  const std::lock_guard lock(files);
  return StylizedItem{image.write(result), result.image.size};
}

}  // namespace styletransfer::cli
