#include "cli/commands/batch/parallel_items.h"

#include <algorithm>
#include <cmath>

#include "cli/options/print_flag.h"
#include "device/cuda_library.h"
#include "engine/memory_budget.h"
#include "styletransfer/error.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

// Two 256x192 images in parallel on two cores take 1/8 less time than one after the other; at
// 512x384 the gain is not worth the memory.
constexpr double kPixelsForAThread = 110e3;
// Limits memory: each image has its own activations.
constexpr int kMaxByThemselves = 16;
// Approximate memory of a pass over the whole image with float32 features and 20 curvature pairs.
constexpr double kBytesPerPixel = 1300.0;

bool is_for_the_processor(const BatchOptions& command) {
  const std::string& device = command.image.runtime.device;
  return device == "cpu" || (device == "auto" && !detail::missing_for_cuda().empty());
}

double largest_px(const BatchOptions& command, std::span<const Pair> pairs) {
  double largest = 0.0;
  for (const Pair& pair : pairs) {
    if (!pair.content->problem.empty()) continue;
    for (const Pass& pass : passes_for(command.image, pair.content->size)) {
      largest = std::max(largest, static_cast<double>(pass.size.width_px) * pass.size.height_px);
    }
  }
  return largest;
}

}  // namespace

ProcessorShares shares_of(int cores, int asked, double image_px, int images,
                          std::int64_t memory_bytes) {
  const int by_threads =
      cores / std::max(1, static_cast<int>(std::ceil(image_px / kPixelsForAThread)));
  const double by_memory =
      static_cast<double>(memory_bytes) / (kBytesPerPixel * std::max(1.0, image_px));
  const int by_themselves = static_cast<int>(
      std::min<double>({kMaxByThemselves, static_cast<double>(by_threads), by_memory}));
  const int wanted = asked > 0 ? asked : by_themselves;
  ProcessorShares shares;
  shares.images_at_once = std::clamp(wanted, 1, std::max(1, images));
  shares.threads_each = std::max(1, cores / shares.images_at_once);
  return shares;
}

ProcessorShares processor_shares(const BatchOptions& command, std::span<const Pair> pairs) {
  const int threads = command.image.runtime.threads;
  const int cores = threads > 0 ? threads : usable_cores();
  if (is_for_the_processor(command)) {
    return shares_of(cores, command.at_once, largest_px(command, pairs),
                     static_cast<int>(pairs.size()),
                     detail::memory_left(command.image.job.memory_limit_bytes, Runtime()));
  }
  if (command.at_once > 1) {
    throw UsageError("--at-once " + std::to_string(command.at_once) +
                     ": on a GPU images are made one at a time; leave it out, or add --device cpu");
  }
  return {1, cores};
}

}  // namespace styletransfer::cli
