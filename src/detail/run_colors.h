// What --colors does before and after a run; the run itself knows nothing of it.
#pragma once

#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// The job as the run gets it. kContent and kNeutral: every picture in greys, for the network to
/// compare brightness with brightness; with kContent the styles have the mean and spread of the
/// content's brightness. kContentStatistics: the styles recoloured, each by itself. Clear pixels
/// feed no statistics.
[[nodiscard]] Job job_in_run_colors(const Job& job);

/// The run's picture as it is delivered, untouched places included. `job`: the one asked for, not
/// the one that was run.
[[nodiscard]] Image in_final_colors(Image painted, const Job& job);

}  // namespace styletransfer::detail
