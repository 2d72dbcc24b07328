// --report of a batch or of `apply` on several pictures: what became of every one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/batch/outcome.h"
#include "cli/batch/pairs.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// Before the work: that the reports can be written. One of an earlier batch is replaced, any other
/// file only with --overwrite. Throws UsageError.
void check_batch_reports(const StylizeOptions& shared);

/// Writes them, whole or not at all. `shared`: what all pictures share. Throws RunError.
void write_batch_reports(const StylizeOptions& shared, std::span<const Pair> pairs,
                         const std::vector<Outcome>& outcomes, double seconds);

}  // namespace styletransfer::cli
