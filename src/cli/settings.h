// The record of a run, stored in the picture: enough to know how it was made and to make it again.
#pragma once

#include <string>

#include "cli/options.h"

namespace styletransfer::cli {

/// What a run used and reached, beyond its options.
struct RunRecord {
  std::string network_source;
  std::string network_sha256;
  std::string runtime_description;
  int threads = 0;
  std::string feature_type;
  Ending ending = Ending::kFinished;
  std::vector<PassReport> passes;
  double seconds = 0.0;
};

/// JSON on one line. Keys are the flags' words with underscores; every default is resolved.
[[nodiscard]] std::string settings_json(const StylizeOptions& options, const RunRecord& record);

}  // namespace styletransfer::cli
