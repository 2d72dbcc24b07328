// Flags of `train fast` and `train cyclegan`.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/flag_checks.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

void add_train_fast_flags(FlagTable& table, TrainFastOptions& options);
void add_train_cyclegan_flags(FlagTable& table, TrainCycleganOptions& options);

/// Rejects missing flags, contradictions, and flags that would have no effect. Throws UsageError.
void check_combinations(const TrainFastOptions& options, const LogFlags& log);
void check_combinations(const TrainCycleganOptions& options, const LogFlags& log);

}  // namespace styletransfer::cli
