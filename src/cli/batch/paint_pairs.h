// Pairs through whatever makes their pictures: what `batch` does, and `apply` on several pictures.
#pragma once

#include <span>

#include "cli/batch/pair_maker.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// --dry-run: state, content, style and result of each pair, on stdout. Returns the exit code.
int list_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, PairMaker& maker);

/// Paints what is not finished and writes the reports. `shared`: what all pictures share. Returns
/// the exit code. Throws UsageError, before the work, for what keeps every picture from being made.
int paint_pairs(const StylizeOptions& shared, std::span<const Pair> pairs, PairMaker& maker,
                int pictures_at_once = 1);

}  // namespace styletransfer::cli
