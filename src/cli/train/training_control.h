// What the command line asks of a training's course, beyond the network itself.
#pragma once

#include <optional>
#include <string>

namespace styletransfer::cli {

struct TrainingControl {
  /// A network file, or what the names of several begin with.
  std::string output_path;
  bool overwrite = false;
  /// Go on where an earlier training of the same command stopped.
  bool resume = false;
  /// Iterations between two saved states; 0: only on an interrupt; unset: as often as costs little.
  std::optional<int> checkpoint_every;
  /// Iterations between two preview pictures; 0: none.
  int preview_every = 0;
};

}  // namespace styletransfer::cli
