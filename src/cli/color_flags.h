// --colors: whose colours the result has.
#pragma once

#include "cli/combinations.h"
#include "cli/flag_table.h"

namespace styletransfer::cli {

void add_color_flags(FlagTable& table, Job& job);

/// With --colors style-only or style-chroma nothing is painted: refuses every flag of the table
/// that is about painting; and any --colors where no pass paints. Throws UsageError.
void check_colors(const Job& job, const FlagTable& table, const IsGiven& is_given);

}  // namespace styletransfer::cli
