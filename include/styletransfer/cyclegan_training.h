// CycleGAN training: two generators that translate between two unpaired sets of images.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/checkpoint.h"
#include "styletransfer/progress.h"
#include "styletransfer/stop_reason.h"
#include "styletransfer/training_options.h"

namespace styletransfer {

struct Runtime;

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
  /// kFinished, kTimeLimit, kInterrupted or kDiverged.
  StopReason stop_reason = StopReason::kFinished;
  int iterations = 0;
  double seconds = 0.0;
};

/// Trains until the iteration or time limit is reached or the observer stops it. The weights are
/// the last ones: adversarial losses do not show which are best. Previews show, from left to right,
/// an image of A, its translation, and the translation back; below, the same for B. `from`: resumes
/// a training of the same job, bit for bit on the CPU. Throws UsageError for invalid options,
/// RunError when no image can be read.
[[nodiscard]] CycleganResult train_cyclegan(const CycleganJob& job, const Runtime& runtime,
                                            Observer& observer,
                                            std::optional<Checkpoint> from = std::nullopt);

/// Writes a generator as TorchScript. Input: [N, 3, H, W] float32, R G B in -1..1, sides that are
/// multiples of 4; output: the same. Same attributes as save_fast_network. Throws RunError (disk).
void save_cyclegan_generator(const CycleganShape& shape,
                             const std::map<std::string, at::Tensor>& weights,
                             const std::string& style, const std::string& training,
                             const std::string& path);

/// Value of the `kind` attribute of a generator file.
inline constexpr const char* kCycleganKind = "styletransfer cyclegan generator";

}  // namespace styletransfer
