// Flags of interruption, resuming, stopping rules and snapshots.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"
#include "cli/options.h"

namespace styletransfer::cli {

/// `unit`: "steps", which are counted.
void add_checkpoint_flag(FlagTable& table, std::optional<int>& every, const std::string& unit);
void add_time_limit_flag(FlagTable& table, const std::string& help, double& seconds);

void add_run_control_flags(FlagTable& table, StylizeOptions& options);

/// Refuses what would have no effect. Throws UsageError.
void check_run_control(const StylizeOptions& options, const IsGiven& is_given);

}  // namespace styletransfer::cli
