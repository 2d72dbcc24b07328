#include "cli/batch/stylized_pairs.h"

#include <algorithm>
#include <filesystem>
#include <new>

#include "cli/checkpointing.h"
#include "cli/input_hashes.h"
#include "cli/interrupt.h"
#include "cli/picture_job.h"
#include "cli/print_flag.h"

namespace styletransfer::cli {

StylizeOptions StylizedPairs::options_of(const Pair& pair) const {
  StylizeOptions options = shared_;
  options.content_path = pair.content->path;
  if (style_ == PairStyle::kStylePicture) options.style_paths = {pair.style->path};
  options.output_path = pair.output_path;
  // The same command goes on, in the middle of a picture too; --overwrite begins anew.
  std::error_code ignored;
  options.control.resume_if_sound = true;
  options.control.resume =
      !options.write.overwrite && std::filesystem::exists(state_path_of(pair.output_path), ignored);
  return options;
}

/// In pixels x steps; what differs between pairs is the content's size.
double StylizedPairs::work_of(const Pair& pair) const {
  double work = 0.0;
  for (const Pass& pass : passes_for(shared_, pair.content->size)) {
    const Size size = size_with_long_edge(pair.content->size, pass.size_px);
    // A picture costs something without any step as well.
    work += static_cast<double>(size.width_px) * size.height_px * (pass.iterations + 1);
  }
  return work;
}

std::string StylizedPairs::difference_of(const Pair& pair, const std::string& stored) {
  const StylizeOptions options = options_of(pair);
  // A broken picture has no size to make a schedule of; its result cannot be judged by more.
  const Size size = pair.content->size == Size{} ? Size{512, 512} : pair.content->size;
  const bool with_network = needs_network(options, passes_for(options, size));
  return difference_from(stored, options, input_hashes(options, with_network, workshop_));
}

void StylizedPairs::prepare(std::span<const Pair* const> planned) {
  const bool with_network = std::any_of(planned.begin(), planned.end(), [&](const Pair* pair) {
    return needs_network(shared_, passes_for(shared_, pair->content->size));
  });
  if (with_network) workshop_.open();
}

void StylizedPairs::begin_thread() {
  if (workshop_.has_device()) use_threads_of(workshop_.runtime());
}

std::optional<MadePicture> StylizedPairs::make(const Pair& pair, PictureReporter& reporter,
                                               const SourceReader& read, std::mutex& files) {
  const StylizeOptions options = options_of(pair);
  PictureJob picture(options, workshop_);
  {
    const std::lock_guard lock(files);
    picture.check();
    read(*pair.content, [&] { picture.read_content(reporter); });
    read(*pair.style, [&] { picture.read_styles(); });
    picture.read_start(reporter);
  }
  if (interrupt_requested()) return std::nullopt;
  const Result result = picture.paint(reporter);
  if (result.ending == Ending::kStopped) return std::nullopt;
  if (result.ending == Ending::kOutOfMemory) throw std::bad_alloc();
  const std::lock_guard lock(files);
  return MadePicture{picture.write(result), result.image.size};
}

}  // namespace styletransfer::cli
