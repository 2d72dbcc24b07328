// CycleGAN training: two generators that translate between two unpaired sets of images.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/runtime.h"
#include "styletransfer/training.h"

namespace styletransfer {

/// Generators and discriminators of Zhu et al. 2017, "Unpaired Image-to-Image Translation using
/// Cycle-Consistent Adversarial Networks". Departs: nearest-neighbor upsampling before a
/// convolution instead of transposed convolutions, which cause checkerboard artifacts; instance
/// normalization has a scale and a shift.
struct CycleganShape {
  /// Channels of generators and discriminators at full size; 64 in the paper.
  int width = 32;
  /// Residual blocks. The paper uses 9, or 6 for images of 128 pixels.
  int blocks = 6;
};

struct CycleganOptions {
  CycleganShape shape;
  TrainingLimits limits{.iterations = 20000};
  /// Side of the square training crops, in pixels.
  int size_px = 128;
  /// Learning rate of Adam (beta1 0.5): constant for the first half of the training, then linearly
  /// down to 0.
  double learning_rate = 2e-4;
  /// Weight of the cycle-consistency loss: the distance between an image and its translation there
  /// and back.
  double cycle_weight = 10.0;
  /// Weight of the identity loss, relative to cycle_weight: the distance between an image and the
  /// output of the generator that produces its own domain. Preserves colors that need not change.
  double identity_weight = 0.5;
  /// Capacity of the image pool: earlier translations that are mixed into the discriminators' fake
  /// samples.
  int pool = 50;
  /// Seeds the weights, the crops and their order.
  std::uint64_t seed = 0;

  /// Throws UsageError naming flag, value and bound.
  void validate() const;
};

/// Images of the two domains, and the options.
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

/// Trains until the iteration or time limit is reached or the observer stops it. The weights are
/// the last ones: adversarial losses do not show which are best. Previews show, from left to right,
/// an image of A, its translation, and the translation back; below, the same for B. `from`: resumes
/// a training of the same job, bit for bit on the CPU. Throws UsageError for invalid options,
/// RunError when no image can be read.
[[nodiscard]] CycleganResult train_cyclegan(
    const CycleganJob& job, const Runtime& runtime, TrainingObserver& observer,
    const std::optional<TrainingState>& from = std::nullopt);

/// Writes a generator as TorchScript. Input: [N, 3, H, W] float32, R G B in -1..1, sides that are
/// multiples of 4; output: the same. Same attributes as save_fast_network. Throws RunError (disk).
void save_cyclegan_generator(const CycleganShape& shape,
                             const std::map<std::string, at::Tensor>& weights,
                             const std::string& style, const std::string& training,
                             const std::string& path);

/// Value of the `kind` attribute of a generator file.
inline constexpr const char* kCycleganKind = "styletransfer cyclegan generator";

}  // namespace styletransfer
