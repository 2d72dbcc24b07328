// Layer 9: trains a network that paints any photo in one pass, in the manner of one painting.
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

/// The network of Johnson, Alahi, Li 2016, "Perceptual Losses for Real-Time Style Transfer", with
/// the remedies found since: enlarging by repeated pixels before a convolution instead of
/// transposed convolutions, mirrored surroundings instead of zeros, instance normalisation instead
/// of batch normalisation. Its picture is in range by construction (sigmoid).
struct FastNetworkShape {
  /// Channels at full size; twice and four times as many at half and quarter size.
  int width = 32;
  /// Residual blocks at quarter size.
  int blocks = 5;
};

struct FastTrainingOptions {
  FastNetworkShape shape;
  TrainingLimits limits;
  /// Side of the squares that the network learns from, in pixels.
  int size_px = 256;
  /// Photos at a time.
  int batch = 1;
  /// Adam's, at the start; it falls along half a cosine.
  double learning_rate = 1e-3;
  /// Iterations between two looks at the held-out photos.
  int check_every = 200;
  /// Checks without a better loss after which the training ends; 0: never.
  int patience = 10;
  /// Of weights, squares and their order.
  std::uint64_t seed = 0;

  /// Throws UsageError naming flag, value and bound.
  void validate() const;
};

struct FastTrainingJob {
  /// One is enough to run; the more, the better the network knows what photos are like.
  std::vector<std::string> photo_paths;
  std::vector<Style> styles;
  LossOptions loss;
  Weights weights{};
  FastTrainingOptions options;
};

struct FastTrainingResult {
  /// The network's weights by name: the best by held-out loss, or the last ones without held-out
  /// photos.
  std::map<std::string, at::Tensor> weights;
  TrainingEnding ending = TrainingEnding::kAllIterations;
  int iterations = 0;
  double seconds = 0.0;
  /// Of the best network; unset without held-out photos.
  std::optional<double> held_out_loss;
  /// That of the held-out photos as they are, unpainted.
  std::optional<double> photo_loss;
};

/// Trains until the iterations or the time are used up, the held-out loss stalls or the observer
/// stops it. `from`: goes on with a training of this very job; on the CPU to the same bits. Throws
/// UsageError for options and pictures that do not fit, RunError when no photo can be read.
[[nodiscard]] FastTrainingResult train_fast(const FastTrainingJob& job, const Network& network,
                                            const Runtime& runtime, TrainingObserver& observer,
                                            std::optional<TrainingState> from = std::nullopt);

/// Writes the trained network as TorchScript: [N, 3, H, W] float32, R G B in 0..1, sides that are
/// multiples of 4, to the same. Attributes say so: kind, input_range, output_range, channel_order,
/// multiple_of, style (in words), training_facts (JSON). Throws RunError (disk).
void save_fast_network(const FastNetworkShape& shape,
                       const std::map<std::string, at::Tensor>& weights, const std::string& style,
                       const std::string& training, const std::string& path);

/// The `kind` of such a file.
inline constexpr const char* kFastNetworkKind = "styletransfer fast network";

}  // namespace styletransfer
