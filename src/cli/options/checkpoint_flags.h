// Flags for checkpoints, resuming, stopping rules and snapshots.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/flag_checks.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Adds --checkpoint-every; `unit`: what it counts, "iterations".
void add_checkpoint_flag(FlagTable& table, std::optional<int>& every, const std::string& unit);
void add_time_limit_flag(FlagTable& table, const std::string& help, double& seconds);

void add_checkpoint_flags(FlagTable& table, StylizeOptions& options);

/// Rejects flags that would have no effect. Throws UsageError.
void check_checkpoint_flags(const StylizeOptions& options, const IsGiven& is_given);

}  // namespace styletransfer::cli
