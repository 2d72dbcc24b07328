// Report of a finished pass.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/memory_estimate.h"
#include "styletransfer/progress.h"
#include "styletransfer/schedule.h"

namespace styletransfer {

/// Reason why a pass ended.
enum class PassEnding {
  kAllSteps,
  /// No better image was found near the best one.
  kStationary,
  kPlateau,
  kTimeLimit,
  /// The observer asked for it.
  kStopped,
  kDiverged,
};

/// Report of a pass. last_loss and last_terms belong to the pass's best image.
struct PassReport {
  Pass pass;
  Size size;
  PassEnding ending = PassEnding::kAllSteps;
  int evaluations = 0;
  double first_loss = 0.0;
  double last_loss = 0.0;
  std::vector<LossTerm> last_terms;
  double seconds = 0.0;
  /// Estimated memory, and how the pass was made to fit.
  MemoryEstimate memory;
  std::string plan;
  /// On a GPU: peak total size of the pass's tensors. 0: on the CPU, or LibTorch cannot say.
  std::int64_t device_peak_bytes = 0;
};

}  // namespace styletransfer
