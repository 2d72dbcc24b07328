// Training of a feed-forward network that stylizes any photo in one forward pass, in one fixed
// style.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/checkpoint.h"
#include "styletransfer/job.h"
#include "styletransfer/progress.h"
#include "styletransfer/stop_reason.h"
#include "styletransfer/training_options.h"

namespace styletransfer {

struct Network;
struct Runtime;

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
  /// kFinished, kPlateau, kTimeLimit, kInterrupted or kDiverged.
  StopReason stop_reason = StopReason::kFinished;
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
                                            const Runtime& runtime, Observer& observer,
                                            std::optional<Checkpoint> from = std::nullopt);

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
