// Hashes of a job's input files, for its record.
#pragma once

#include "cli/settings.h"
#include "cli/workshop.h"

namespace styletransfer::cli {

/// Each file is read once a workshop. Throws UsageError for a file that cannot be read.
[[nodiscard]] InputHashes input_hashes(const StylizeOptions& options, bool with_network,
                                       Workshop& workshop);

}  // namespace styletransfer::cli
