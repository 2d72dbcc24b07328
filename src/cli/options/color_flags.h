// --colors: the colors of the result.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/flag_checks.h"

namespace styletransfer::cli {

void add_color_flags(FlagTable& table, Job& job);

/// Rejects every optimization flag of the table with --colors style-only or style-chroma, which
/// only recolor; and any --colors when no pass has iterations. Throws UsageError.
void check_colors(const Job& job, const FlagTable& table, const IsGiven& is_given);

}  // namespace styletransfer::cli
