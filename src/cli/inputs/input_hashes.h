// Hashes of a job's input files, for run metadata.
#pragma once

#include "cli/inputs/shared_resources.h"
#include "cli/options/options.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Hashes of the job's files; each file is read once per SharedResources. Throws UsageError for a
/// file that cannot be read.
[[nodiscard]] InputHashes input_hashes(const StylizeOptions& options, bool with_network,
                                       SharedResources& resources);

}  // namespace styletransfer::cli
