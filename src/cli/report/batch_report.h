// --report of a batch, or of `apply` on several images.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/inputs/batch_pairs.h"
#include "cli/options/options.h"
#include "cli/report/batch_item_result.h"

namespace styletransfer::cli {

/// Call before the work: checks that the reports can be written. A report of an earlier batch is
/// replaced, any other file only with --overwrite. Throws UsageError.
void check_batch_reports(const StylizeOptions& shared);

/// Writes the reports atomically. `shared`: options common to all images. Throws RunError.
void write_batch_reports(const StylizeOptions& shared, std::span<const Pair> pairs,
                         const std::vector<ItemResult>& results, double seconds);

}  // namespace styletransfer::cli
