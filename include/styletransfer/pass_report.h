// Layer 6: what is known of a pass when it is over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/memory_plan.h"
#include "styletransfer/progress.h"
#include "styletransfer/schedule.h"

namespace styletransfer {

enum class PassEnding {
  kAllSteps,
  /// Nothing near the best picture is better.
  kStationary,
  kPlateau,
  kTimeLimit,
  /// The observer asked for it.
  kStopped,
  kDiverged,
};

struct PassReport {
  Pass pass;
  Size size;
  PassEnding ending = PassEnding::kAllSteps;
  int evaluations = 0;
  double first_loss = 0.0;
  double last_loss = 0.0;
  std::vector<LossTerm> last_terms;
  double seconds = 0.0;
  /// What the pass was expected to take, and how it was made to fit.
  MemoryEstimate memory;
  std::string plan;
  /// On a GPU: the largest sum of the pass's tensors. 0: on the CPU, or LibTorch cannot say.
  std::int64_t device_peak_bytes = 0;
};

}  // namespace styletransfer
