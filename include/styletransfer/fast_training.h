// Training of a feed-forward network that stylizes any photo in one forward pass, in one fixed
// style.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/model.h"
#include "styletransfer/runtime.h"
#include "styletransfer/training.h"
#include "styletransfer/transfer.h"

namespace styletransfer {

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
  /// Initial learning rate of Adam; follows a half-cosine decay.
  double learning_rate = 1e-3;
  /// Iterations between two evaluations on the validation photos.
  int check_every = 200;
  /// Early stopping: ends the training after this many validation checks without improvement; 0:
  /// never.
  int patience = 10;
  /// Seeds the weights, the crops and their order.
  std::uint64_t seed = 0;

  /// Throws UsageError naming flag, value and bound.
  void validate() const;
};

struct FastTrainingJob {
  /// At least one; more photos make the network generalize better.
  std::vector<std::string> photo_paths;
  std::vector<Style> styles;
  LossOptions loss;
  Weights weights{};
  FastTrainingOptions options;
};

struct FastTrainingResult {
  /// Weights by name: those with the best validation loss, or the last ones without validation
  /// photos.
  std::map<std::string, at::Tensor> weights;
  TrainingEnding ending = TrainingEnding::kAllIterations;
  int iterations = 0;
  double seconds = 0.0;
  /// Loss of the best weights; unset without validation photos.
  std::optional<double> validation_loss;
  /// Loss of the unstylized validation photos, for comparison.
  std::optional<double> photo_loss;
};

/// Trains until the iteration or time limit is reached, the validation loss stalls, or the observer
/// stops it. `from`: resumes a training of the same job, bit for bit on the CPU. Throws UsageError
/// for invalid options and images, RunError when no photo can be read.
[[nodiscard]] FastTrainingResult train_fast(const FastTrainingJob& job, const Network& network,
                                            const Runtime& runtime, TrainingObserver& observer,
                                            std::optional<TrainingState> from = std::nullopt);

/// Writes the trained network as TorchScript. Input: [N, 3, H, W] float32, R G B in 0..1, sides
/// that are multiples of 4; output: the same. Attributes record this: kind, input_range,
/// output_range, channel_order, multiple_of, style (a description), training_facts (JSON). Throws
/// RunError (disk).
void save_fast_network(const FastNetworkShape& shape,
                       const std::map<std::string, at::Tensor>& weights, const std::string& style,
                       const std::string& training, const std::string& path);

/// Value of the `kind` attribute of a fast network file.
inline constexpr const char* kFastNetworkKind = "styletransfer fast network";

}  // namespace styletransfer
