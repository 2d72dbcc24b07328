// Memory estimate of a training, and the check that it fits.
#pragma once

#include <cstdint>
#include <functional>

#include "styletransfer/progress.h"
#include "styletransfer/runtime.h"
#include "styletransfer/training_options.h"
#include "training/script_module.h"

namespace styletransfer::detail {

/// Memory of a training step, estimated from steps on two small crops: all but a constant part is
/// proportional to the pixels.
class TrainingMemory {
 public:
  /// `step` runs forward and backward on one square crop of this size. Gradients that it leaves in
  /// `parameters` are dropped; it must change nothing else.
  TrainingMemory(const NamedTensors& parameters, const std::function<void(int size_px)>& step);

  /// Includes Adam's moments and copies of the weights, but not the weights themselves.
  [[nodiscard]] std::int64_t bytes(int size_px, int batch) const;

 private:
  double constant_bytes_;
  double bytes_per_px_;
};

/// Options of a training that memory depends on.
struct TrainingExtent {
  int size_px = 0;
  int batch = 1;
};

/// Reports the memory of the training and returns the bytes left for photos. `bytes_of` estimates
/// the memory for any extent. Throws UsageError when it does not fit, naming a size or batch that
/// would.
[[nodiscard]] std::int64_t bytes_for_photos(
    TrainingExtent asked, const std::function<std::int64_t(TrainingExtent)>& bytes_of,
    const TrainingLimits& limits, const Runtime& runtime, Observer& observer);

}  // namespace styletransfer::detail
