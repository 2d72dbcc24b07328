// How the processor is shared among the pictures of a batch.
#pragma once

#include <cstdint>
#include <span>

#include "cli/batch/pairs.h"
#include "cli/options.h"

namespace styletransfer::cli {

struct ProcessorShares {
  int pictures_at_once = 1;
  int threads_each = 1;
};

/// Shares `cores` threads. A small picture keeps few threads busy, so several are painted side by
/// side: one for every 110,000 pixels' worth of threads, and no more than `memory_bytes` have room
/// for, unless `asked` (0: not) says how many. Never more than there are pictures.
[[nodiscard]] ProcessorShares shares_of(int cores, int asked, double picture_px, int pictures,
                                        std::int64_t memory_bytes);

/// Those of a batch: by its largest picture. On a GPU pictures are painted one after another;
/// throws UsageError where the command asks for something else.
[[nodiscard]] ProcessorShares processor_shares(const BatchOptions& command,
                                               std::span<const Pair> pairs);

}  // namespace styletransfer::cli
