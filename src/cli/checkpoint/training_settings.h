// Settings of a training, stored in its network and its checkpoint.
#pragma once

#include <string>
#include <vector>

#include "cli/inputs/shared_resources.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

// JSON of what determines the network. Iterations and time limit only determine when the training
// ends and are left out.
[[nodiscard]] std::string training_settings(const TrainFastOptions& options,
                                            const std::vector<std::string>& photos,
                                            SharedResources& resources);
/// `a` and `b`: the images of both domains.
[[nodiscard]] std::string training_settings(const TrainCycleganOptions& options,
                                            const std::vector<std::string>& a,
                                            const std::vector<std::string>& b);

}  // namespace styletransfer::cli
