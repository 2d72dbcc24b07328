// Options of the trainings. No tensors.
#pragma once

#include <cstdint>

#include "styletransfer/bounds.h"

namespace styletransfer {

/// Limits that every training has.
struct TrainingLimits {
  /// Number of weight updates.
  int iterations = 4000;
  static constexpr Bounds<int> kIterations{1};
  /// Seconds that the training may take, including resumed parts; 0: no limit. The learning rate
  /// schedule follows iterations or time, whichever is closer to its limit.
  double time_limit_seconds = 0.0;
  /// Most memory that the process may take, photos included; 0: what is free, minus a tenth.
  std::int64_t memory_limit_bytes = 0;
};

/// Side of the square training crops. The minimum is what the discriminators' four halvings and two
/// more convolutions need; the networks halve the size twice.
inline constexpr Bounds<int> kCropSize{32, 2048, "pixels", 4};
/// Channels at full size, residual blocks, and Adam's learning rate.
inline constexpr Bounds<int> kNetworkWidth{1, 256, "channels"};
inline constexpr Bounds<int> kNetworkBlocks{0, 32, "blocks"};
inline constexpr Bounds<double> kTrainingLearningRate{1e-8, 1.0};

/// Network of Johnson, Alahi, Li 2016, "Perceptual Losses for Real-Time Style Transfer", with later
/// improvements: nearest-neighbor upsampling before a convolution instead of transposed
/// convolutions, reflection padding instead of zeros, instance normalization instead of batch
/// normalization. A sigmoid keeps its output in range.
struct FastNetworkShape {
  /// Channels at full size; twice as many at half size and four times as many at quarter size.
  int width = 32;
  /// Residual blocks at quarter size.
  int blocks = 5;
};

struct FastTrainingOptions {
  FastNetworkShape shape;
  TrainingLimits limits;
  /// Side of the square training crops, in pixels.
  int size_px = 256;
  /// Photos per iteration.
  int batch = 1;
  static constexpr Bounds<int> kBatch{1, 64, "photos"};
  /// Initial learning rate of Adam; follows a half-cosine decay.
  double learning_rate = 1e-3;
  /// Iterations between two evaluations on the validation photos.
  int check_every = 200;
  static constexpr Bounds<int> kCheckEvery{1};
  /// Early stopping: ends the training after this many validation checks without improvement; 0:
  /// never.
  int patience = 10;
  static constexpr Bounds<int> kPatience{0};
  /// Seeds the weights, the crops and their order.
  std::uint64_t seed = 0;

  /// Throws OptionError.
  void validate() const;
};

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
  static constexpr Bounds<double> kWeight{0.0, 1e6};
  /// Weight of the identity loss, relative to cycle_weight: the distance between an image and the
  /// output of the generator that produces its own domain. Preserves colors that need not change.
  double identity_weight = 0.5;
  /// Capacity of the image pool: earlier translations that are mixed into the discriminators' fake
  /// samples.
  int pool = 50;
  static constexpr Bounds<int> kPool{0, 10000, "images"};
  /// Seeds the weights, the crops and their order.
  std::uint64_t seed = 0;

  /// Throws OptionError.
  void validate() const;
};

}  // namespace styletransfer
