// Flags of `train fast` and `train cyclegan`.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options);
void add_train_cyclegan_flags(FlagTable& table, TrainCycleganOptions& options);

/// Refuses missing flags, contradictions, and flags that would have no effect. Throws UsageError.
void check_combinations(const TrainFastOptions& options, const LogFlags& log);
void check_combinations(const TrainCycleganOptions& options, const LogFlags& log);

}  // namespace styletransfer::cli
