// What cannot be written where it was wanted is not lost.
#pragma once

#include <functional>
#include <string>

#include "styletransfer/error.h"

namespace styletransfer::cli {

/// What was to be written at one place is at another, which the message names.
class WrittenElsewhere : public RunError {
 public:
  using RunError::RunError;
};

/// Calls write(path). Where its folder is gone, its disk full or the like (WriteError), calls it
/// with a free name beside it (when another file is in its place), in the current folder, or in the
/// folder for temporary files, and throws WrittenElsewhere. Throws the first error where none of
/// these will do. `write` is called with paths other than `path` only where no file is.
void write_or_keep_elsewhere(const std::string& path,
                             const std::function<void(const std::string& path)>& write);

}  // namespace styletransfer::cli
