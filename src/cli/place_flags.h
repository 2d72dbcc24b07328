// Flags that say where in the pictures something happens, and their combinations.
#pragma once

#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

void add_place_flags(FlagTable& table, JobOptions& options);

/// Refuses masks and scales that do not fit the styles in number, and what has no effect. Throws
/// UsageError.
void check_places(const JobOptions& options);

}  // namespace styletransfer::cli
