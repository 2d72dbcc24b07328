// Flags of `apply`.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/flag_checks.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Adds all flags except the message flags.
void add_apply_flags(FlagTable& table, ApplyOptions& options);

/// Like the main command's check (flag_checks.h); also fills in what the flags imply together.
/// Throws UsageError.
void check_combinations(ApplyOptions& options, const LogFlags& log, const IsGiven& is_given);

}  // namespace styletransfer::cli
