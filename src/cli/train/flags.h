// Flags of `train fast` and `train cyclegan`.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options);

/// Refuses missing flags, contradictions, and flags that would have no effect. Throws UsageError.
void check_combinations(TrainFastOptions& options, const LogFlags& log, const IsGiven& is_given);

}  // namespace styletransfer::cli
