// Layer 8: trains two networks that translate between two kinds of pictures, of which no pairs are
// known.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/runtime.h"
#include "styletransfer/training.h"

namespace styletransfer {

/// Generators and judges of Zhu et al. 2017, "Unpaired Image-to-Image Translation using
/// Cycle-Consistent Adversarial Networks". Departs: enlarging by repeated pixels before a
/// convolution instead of transposed convolutions, which paint a checkerboard; instance
/// normalisation with a scale and a shift.
struct CycleganShape {
  /// Channels of both at full size; 64 in the paper.
  int width = 32;
  /// Residual blocks; in the paper 9, and 6 for pictures of 128 pixels.
  int blocks = 6;
};

struct CycleganOptions {
  CycleganShape shape;
  TrainingLimits limits{.iterations = 20000};
  /// Side of the squares that the networks learn from, in pixels.
  int size_px = 128;
  /// Adam's (momentum 0.5): constant for the first half of the training, then evenly down to 0.
  double learning_rate = 2e-4;
  /// Of the distance between a picture and its translation there and back.
  double cycle_weight = 10.0;
  /// Of the distance between a picture and what its own kind's generator makes of it, times
  /// cycle_weight. Keeps colours where they need not change.
  double identity_weight = 0.5;
  /// Earlier translations that the judges are shown in between.
  int pool = 50;
  /// Of weights, squares and their order.
  std::uint64_t seed = 0;

  /// Throws UsageError naming flag, value and bound.
  void validate() const;
};

struct CycleganJob {
  std::vector<std::string> a_paths;
  std::vector<std::string> b_paths;
  CycleganOptions options;
};

struct CycleganResult {
  /// The generators' weights by name.
  std::map<std::string, at::Tensor> a_to_b;
  std::map<std::string, at::Tensor> b_to_a;
  TrainingEnding ending = TrainingEnding::kAllIterations;
  int iterations = 0;
  double seconds = 0.0;
};

/// Trains until the iterations or the time are used up, or the observer stops it. The weights are
/// the last ones: adversarial losses do not tell which are best. Previews show, from left to right,
/// a picture of A, its translation and that one's way back, and below the same for B. `from`: goes
/// on with a training of this very job; on the CPU to the same bits. Throws UsageError for options
/// that do not fit, RunError when no picture can be read.
[[nodiscard]] CycleganResult train_cyclegan(
    const CycleganJob& job, const Runtime& runtime, TrainingObserver& observer,
    const std::optional<TrainingState>& from = std::nullopt);

/// Writes a generator as TorchScript: [N, 3, H, W] float32, R G B in -1..1, sides that are
/// multiples of 4, to the same. Attributes as of save_fast_network. Throws RunError (disk).
void save_cyclegan_generator(const CycleganShape& shape,
                             const std::map<std::string, at::Tensor>& weights,
                             const std::string& style, const std::string& training,
                             const std::string& path);

/// The `kind` of such a file.
inline constexpr const char* kCycleganKind = "styletransfer cyclegan generator";

}  // namespace styletransfer
