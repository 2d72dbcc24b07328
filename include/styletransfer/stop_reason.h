// Why a pass, a run or a training ended.
#pragma once

#include <optional>
#include <string>

namespace styletransfer {

/// The values are stored in checkpoints. A run that its own stopping rules end is kFinished; its
/// passes say which rule it was.
enum class StopReason {
  /// All iterations are done.
  kFinished = 0,
  /// No better image was found near the best one.
  kStationary = 1,
  /// The loss (in a training: the validation loss) stopped improving.
  kPlateau = 2,
  kTimeLimit = 3,
  /// A listener asked for it.
  kInterrupted = 4,
  /// Loss or gradient stayed non-finite after every remedy; the best result so far is kept.
  kDiverged = 5,
  /// Memory ran out in a later pass; the last finished pass's image is kept.
  kOutOfMemory = 6,
};

/// "finished", "stationary", "plateau", "time limit", "stopped", "diverged", "out of memory".
[[nodiscard]] std::string name_of(StopReason reason);
/// The reason of this name; nothing for any other text.
[[nodiscard]] std::optional<StopReason> stop_reason_named(const std::string& name);

}  // namespace styletransfer
