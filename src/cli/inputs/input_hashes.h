// Hashes of a job's input files, for run metadata.
#pragma once

#include <string>
#include <vector>

#include "cli/inputs/shared_resources.h"

namespace styletransfer::cli {

/// SHA-256 of every file that a run reads.
struct InputHashes {
  std::string content;
  std::vector<std::string> styles;
  /// One per mask, in the order of for_each_mask; empty without masks.
  std::vector<std::string> masks;
  /// Start image, or the network that makes it; empty without.
  std::string init;
  /// VGG file; empty when no pass needs it.
  std::string network;
};

/// Hashes of the job's files; each file is read once per SharedResources. Throws UsageError for a
/// file that cannot be read.
[[nodiscard]] InputHashes input_hashes(const StylizeOptions& options, bool with_network,
                                       SharedResources& resources);

}  // namespace styletransfer::cli
