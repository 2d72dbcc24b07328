// Layer 7: training a network: what it tells while it works, and where it stands.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/progress.h"

namespace styletransfer {

/// What every training has a limit of.
struct TrainingLimits {
  /// Times the weights are moved.
  int iterations = 4000;
  /// Seconds that the training may take, its earlier parts included; 0: as long as it needs. The
  /// learning rate follows whichever of time and iterations is nearer to its end.
  double time_limit_seconds = 0.0;
  /// Most memory that the process may take, photos included; 0: what is free, minus a tenth.
  std::int64_t memory_limit_bytes = 0;
};

struct TrainingStep {
  int iteration = 0;  // from 1
  int iterations = 0;
  double loss = 0.0;
  std::vector<LossTerm> terms;
  /// 0..1, of iterations or of the time limit, whichever is nearer to its end.
  double fraction_done = 0.0;
  /// The time of a training that this one goes on from included.
  double seconds = 0.0;
};

/// The network was judged by photos that it does not learn from.
struct HeldOutCheck {
  int iteration = 0;
  double loss = 0.0;
  double best_loss = 0.0;
};

enum class TrainingEnding {
  kAllIterations,
  /// The loss of held-out photos has stopped falling.
  kStalled,
  kTimeLimit,
  /// The observer asked for it.
  kStopped,
  /// A loss was not finite.
  kDiverged,
};

/// A training between two iterations: enough to go on as if it had never stopped.
struct TrainingState {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, double> numbers;
};

/// Writes the state and `binding`, a text that tells what the state belongs to, into one file with
/// the SHA-256 of its contents. Written beside and renamed. Throws RunError (disk).
void save_training_state(const TrainingState& state, const std::string& binding,
                         const std::string& path);

struct SavedTraining {
  TrainingState state;
  std::string binding;
};

/// Reads the file back, every tensor on the CPU. Throws UsageError when it is missing, damaged, or
/// of another form than this program's.
[[nodiscard]] SavedTraining load_training_state(const std::string& path);

/// Watches a training. Every method has an empty default; all are called on the thread that trains.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_message(const std::string& /*line*/) {}
  virtual void on_warning(const std::string& /*line*/) {}
  /// kStop ends the training after this iteration.
  virtual Continue on_step(const TrainingStep& /*step*/) { return Continue::kYes; }
  virtual void on_check(const HeldOutCheck& /*check*/) {}

  /// Asked after on_step: whether on_preview should get a picture of what the network does.
  virtual bool wants_preview(const TrainingStep& /*step*/) { return false; }
  /// The photo and beside it the network's picture of it.
  virtual void on_preview(const TrainingStep& /*step*/, const Image& /*picture*/) {}

  /// Asked after every iteration, the one that kStop ended the training at included. The state
  /// shares the training's memory and holds until on_state returns.
  virtual bool wants_state() { return false; }
  virtual void on_state(const TrainingState& /*state*/) {}
};

}  // namespace styletransfer
