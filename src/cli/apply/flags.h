// The flags of `apply`.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// All but those of messages.
void add_apply_flags(FlagTable& table, ApplyOptions& options);

/// As the main job's (combinations.h); settles what the flags together ask for. Throws UsageError.
void check_combinations(ApplyOptions& options, const LogFlags& log, const IsGiven& is_given);

}  // namespace styletransfer::cli
