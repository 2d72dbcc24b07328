// --report of a batch: what became of every picture.
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
void check_batch_reports(const BatchOptions& command);

/// Writes them, whole or not at all. Throws RunError.
void write_batch_reports(const BatchOptions& command, std::span<const Pair> pairs,
                         const std::vector<Outcome>& outcomes, double seconds);

}  // namespace styletransfer::cli
