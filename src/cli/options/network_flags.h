// Flags for the input and output convention of feed-forward networks from other programs.
#pragma once

#include "cli/args/flag_table.h"
#include "cli/options/network_options.h"

namespace styletransfer::cli {

/// --convention, --input-range, --output-range, --channel-order, --multiple-of, --mean, --std. A
/// single flag overrides --convention, regardless of the order.
void add_convention_flags(FlagTable& table, FeedForwardOptions& feed_forward);

}  // namespace styletransfer::cli
