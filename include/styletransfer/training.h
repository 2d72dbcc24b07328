// Common parts of network training: limits, progress, checkpoints.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/progress.h"

namespace styletransfer {

/// Limits that every training has.
struct TrainingLimits {
  /// Number of weight updates.
  int iterations = 4000;
  /// Seconds that the training may take, including resumed parts; 0: no limit. The learning rate
  /// schedule follows iterations or time, whichever is closer to its limit.
  double time_limit_seconds = 0.0;
  /// Most memory that the process may take, photos included; 0: what is free, minus a tenth.
  std::int64_t memory_limit_bytes = 0;
};

/// A finished training iteration.
struct TrainingStep {
  int iteration = 0;  // from 1
  int iterations = 0;
  double loss = 0.0;
  std::vector<LossTerm> terms;
  /// 0..1, of the iterations or of the time limit, whichever is further along.
  double fraction_done = 0.0;
  /// Includes the time of the training that this one resumes.
  double seconds = 0.0;
};

/// Result of evaluating the network on the validation photos.
struct ValidationResult {
  int iteration = 0;
  double loss = 0.0;
  double best_loss = 0.0;
};

/// Reason why a training ended.
enum class TrainingEnding {
  kAllIterations,
  /// The validation loss has stopped falling.
  kStalled,
  kTimeLimit,
  /// The observer asked for it.
  kStopped,
  /// A loss was not finite.
  kDiverged,
};

/// State of a training between two iterations; complete enough to resume as if it had never
/// stopped.
struct TrainingState {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, double> numbers;
};

/// Writes the state and `fingerprint`, a fingerprint of the job that the state belongs to, into one
/// file with the SHA-256 of its contents. Writes a temporary file and renames it. Throws RunError
/// (disk).
void save_training_state(const TrainingState& state, const std::string& fingerprint,
                         const std::string& path);

/// Contents of a training checkpoint.
struct SavedTraining {
  TrainingState state;
  std::string fingerprint;
};

/// Reads the file back, with every tensor on the CPU. Throws UsageError when it is missing,
/// damaged, or not a checkpoint of this program.
[[nodiscard]] SavedTraining load_training_state(const std::string& path);

/// Receives a training's progress. Every method has an empty default; all are called on the thread
/// that trains.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_message(const std::string& /*line*/) {}
  virtual void on_warning(const std::string& /*line*/) {}
  /// kStop ends the training after this iteration.
  virtual Continue on_step(const TrainingStep& /*step*/) { return Continue::kYes; }
  virtual void on_check(const ValidationResult& /*check*/) {}

  /// Called after on_step; return true to receive a preview of the network's output in on_preview.
  virtual bool wants_preview(const TrainingStep& /*step*/) { return false; }
  /// The photo, with the network's output beside it.
  virtual void on_preview(const TrainingStep& /*step*/, const Image& /*image*/) {}

  /// Called after every iteration, including the one at which kStop ended the training. The state
  /// shares the training's memory and is valid until on_state returns.
  virtual bool wants_state() { return false; }
  virtual void on_state(const TrainingState& /*state*/) {}
};

}  // namespace styletransfer
