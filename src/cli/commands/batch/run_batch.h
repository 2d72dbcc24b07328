// Runs the pairs of `batch`, and of `apply` on several images.
#pragma once

#include <span>

#include "cli/commands/batch/batch_item.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Prints state, content, style and result of each pair to stdout (--dry-run). Returns the exit
/// code.
int list_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, ItemStylizer& maker);

/// Makes the images that are not finished and writes the reports. `shared`: options common to all
/// images. Returns the exit code. Throws UsageError, before the work, when no image can be made.
int run_batch(const StylizeOptions& shared, std::span<const Pair> pairs, ItemStylizer& maker,
              int images_at_once = 1);

}  // namespace styletransfer::cli
