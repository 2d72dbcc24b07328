// What the command line asks of a run's course, beyond the picture itself.
#pragma once

#include <optional>

namespace styletransfer::cli {

struct RunControl {
  /// Go on where an earlier run of the same command stopped.
  bool resume = false;
  /// Of a batch, which nobody watches: a state of no use is told of, and the picture begun anew.
  bool resume_if_sound = false;
  /// Steps between two saved states; 0: only on an interrupt; unset: as often as costs little.
  std::optional<int> checkpoint_every;
  /// Steps between two snapshots; 0: none.
  int snapshot_every = 0;
};

}  // namespace styletransfer::cli
