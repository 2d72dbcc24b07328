// How a painting network of another program takes and gives pictures, in flags.
#pragma once

#include "cli/flag_table.h"
#include "cli/painting_options.h"

namespace styletransfer::cli {

/// --convention, --input-range, --output-range, --channel-order, --multiple-of, --mean, --std. A
/// flag of its own wins over the family, wherever it stands.
void add_convention_flags(FlagTable& table, PaintingOptions& painting);

}  // namespace styletransfer::cli
