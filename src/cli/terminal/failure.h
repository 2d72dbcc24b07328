// Conversion of an exception to a message and an exit code.
#pragma once

#include <exception>
#include <string>

namespace styletransfer::cli {

struct Failure {
  int exit_code = 0;
  /// One line.
  std::string message;
};

/// Also handles LibTorch's errors and out-of-memory.
[[nodiscard]] Failure failure_of(const std::exception& error);

}  // namespace styletransfer::cli
