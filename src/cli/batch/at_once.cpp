#include "cli/batch/at_once.h"

#include <algorithm>
#include <cmath>

#include "cli/print_flag.h"
#include "detail/cuda_library.h"
#include "detail/memory_budget.h"
#include "styletransfer/error.h"
#include "styletransfer/runtime.h"

namespace styletransfer::cli {
namespace {

// Two pictures of 256x192 side by side on two cores take an eighth less time than one after the
// other; of 512x384, nothing worth the memory.
constexpr double kPixelsForAThread = 110e3;
// Each holds its own activations.
constexpr int kMostByThemselves = 16;
// Roughly what a pass over the whole picture takes, with float32 features and 20 pairs.
constexpr double kBytesPerPixel = 1300.0;

bool is_for_the_processor(const BatchOptions& command) {
  const std::string& device = command.picture.runtime.device;
  return device == "cpu" || (device == "auto" && !detail::missing_for_cuda().empty());
}

double largest_px(const BatchOptions& command, std::span<const Pair> pairs) {
  double largest = 0.0;
  for (const Pair& pair : pairs) {
    if (!pair.content->trouble.empty()) continue;
    for (const Pass& pass : passes_for(command.picture, pair.content->size)) {
      const Size size = size_with_long_edge(pair.content->size, pass.size_px);
      largest = std::max(largest, static_cast<double>(size.width_px) * size.height_px);
    }
  }
  return largest;
}

}  // namespace

ProcessorShares shares_of(int cores, int asked, double picture_px, int pictures,
                          std::int64_t memory_bytes) {
  const int by_threads =
      cores / std::max(1, static_cast<int>(std::ceil(picture_px / kPixelsForAThread)));
  const double by_memory =
      static_cast<double>(memory_bytes) / (kBytesPerPixel * std::max(1.0, picture_px));
  const int by_themselves = static_cast<int>(
      std::min<double>({kMostByThemselves, static_cast<double>(by_threads), by_memory}));
  const int wanted = asked > 0 ? asked : by_themselves;
  ProcessorShares shares;
  shares.pictures_at_once = std::clamp(wanted, 1, std::max(1, pictures));
  shares.threads_each = std::max(1, cores / shares.pictures_at_once);
  return shares;
}

ProcessorShares processor_shares(const BatchOptions& command, std::span<const Pair> pairs) {
  const int threads = command.picture.runtime.threads;
  const int cores = threads > 0 ? threads : usable_cores();
  if (is_for_the_processor(command)) {
    return shares_of(cores, command.at_once, largest_px(command, pairs),
                     static_cast<int>(pairs.size()),
                     detail::memory_left(command.picture.job.memory_limit_bytes, Runtime()));
  }
  if (command.at_once > 1) {
    throw UsageError("--at-once " + std::to_string(command.at_once) +
                     ": on a GPU pictures are painted one after another; leave it out, or add "
                     "--device cpu");
  }
  return {1, cores};
}

}  // namespace styletransfer::cli
