// Mask flags and their checks, and --style-scale's number of values.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

void add_mask_flags(FlagTable& table, JobOptions& options);

/// Rejects masks and scales whose number does not match the styles, and flags that would have no
/// effect. Throws UsageError.
void check_mask_flags(const JobOptions& options);

}  // namespace styletransfer::cli
