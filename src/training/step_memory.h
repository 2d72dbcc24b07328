// Memory of a training, foretold, and how it is made to fit.
#pragma once

#include <cstdint>
#include <functional>

#include "styletransfer/runtime.h"
#include "styletransfer/training.h"
#include "training/script_network.h"

namespace styletransfer::detail {

/// What a step of training takes, foretold from steps on two small squares: all but a constant part
/// grows with the pixels.
class StepMemory {
 public:
  /// `step` works one square of so many pixels a side through the networks and back. Gradients that
  /// it leaves in `parameters` are dropped; nothing else may change.
  StepMemory(const NamedTensors& parameters, const std::function<void(int size_px)>& step);

  /// With Adam's moments and copies of the weights; without the weights themselves.
  [[nodiscard]] std::int64_t bytes(int size_px, int batch) const;

 private:
  double constant_bytes_;
  double bytes_per_px_;
};

/// What a command line asks of a training that memory depends on.
struct TrainingExtent {
  int size_px = 0;
  int batch = 1;
};

/// Says what the training takes and returns what is left for photos, in bytes. `bytes_of` foretells
/// it for any extent. Throws UsageError when it does not fit, with a size or batch that would.
[[nodiscard]] std::int64_t bytes_for_photos(
    TrainingExtent asked, const std::function<std::int64_t(TrainingExtent)>& bytes_of,
    const TrainingLimits& limits, const Runtime& runtime, TrainingObserver& observer);

}  // namespace styletransfer::detail
