// Fallback locations for outputs that cannot be written to their path.
#pragma once

#include <functional>
#include <string>

#include "styletransfer/error.h"

namespace styletransfer::cli {

/// Thrown when an output was written to a fallback location, which the message names.
class WrittenToFallback : public RunError {
 public:
  using RunError::RunError;
};

/// Calls write(path). If that fails with WriteError (folder gone, disk full, ...), tries a free
/// file name in the same folder (when another file is in the way), in the current folder, and in
/// the temporary folder, and throws WrittenToFallback. Throws the first error when all of these
/// fail. `write` is called with a path other than `path` only where no file exists.
void write_or_use_fallback(const std::string& path,
                           const std::function<void(const std::string& path)>& write);

}  // namespace styletransfer::cli
