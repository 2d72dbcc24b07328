// What the command line asks of a training's course, beyond the network itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace styletransfer::cli {

struct TrainingControl {
  /// Files and folders to learn from, in parts where there are two kinds.
  std::vector<std::string> images;
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
