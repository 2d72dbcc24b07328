// Division of the CPU threads among the images of a batch.
#pragma once

#include <cstdint>
#include <span>

#include "cli/inputs/batch_pairs.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

struct ProcessorShares {
  int images_at_once = 1;
  int threads_each = 1;
};

/// Divides `cores` threads. A small image cannot use many threads, so several are made in parallel:
/// each gets one thread per 110,000 pixels, and the number of images is limited by `memory_bytes`,
/// unless `asked` (0: automatic) sets it. Never more than there are images.
[[nodiscard]] ProcessorShares shares_of(int cores, int asked, double image_px, int images,
                                        std::int64_t memory_bytes);

/// Shares for a batch, sized by its largest image. On a GPU images are made one at a time; throws
/// UsageError when the command requests otherwise.
[[nodiscard]] ProcessorShares processor_shares(const BatchOptions& command,
                                               std::span<const Pair> pairs);

}  // namespace styletransfer::cli
