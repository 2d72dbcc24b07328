// What an exception means to the person at the keyboard and to the shell.
#pragma once

#include <exception>
#include <string>

namespace styletransfer::cli {

struct Failure {
  int exit_code = 0;
  /// One line.
  std::string words;
};

/// LibTorch's own errors and running out of memory included.
[[nodiscard]] Failure failure_of(const std::exception& error);

}  // namespace styletransfer::cli
