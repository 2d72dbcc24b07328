// Bounds of the options that all trainings share.
#pragma once

#include <string>

#include "styletransfer/error.h"
#include "training/generator.h"

namespace styletransfer::detail {

/// Throws UsageError naming flag and bound unless the bound is met.
inline void require_bound(bool is_met, const std::string& flag, const std::string& bound) {
  if (!is_met) throw UsageError(flag + " must be " + bound);
}

/// Checks the options of train_fast or train_cyclegan. The minimum size is what the discriminators'
/// four halvings and two more convolutions need. Throws UsageError.
template <typename Options>
void check_common_bounds(const Options& options) {
  const bool is_whole = options.size_px % kGeneratorMultipleOf == 0;
  require_bound(options.size_px >= 32 && options.size_px <= 2048 && is_whole, "--size",
                "a multiple of " + std::to_string(kGeneratorMultipleOf) + " from 32 to 2048");
  require_bound(options.shape.width >= 1 && options.shape.width <= 256, "--width", "from 1 to 256");
  require_bound(options.shape.blocks >= 0 && options.shape.blocks <= 32, "--blocks",
                "from 0 to 32");
  require_bound(options.limits.iterations >= 1, "--iterations", "1 or more");
  require_bound(options.learning_rate > 0.0 && options.learning_rate <= 1.0, "--learning-rate",
                "above 0, at most 1");
}

}  // namespace styletransfer::detail
