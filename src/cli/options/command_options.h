// Options that every command has.
#pragma once

#include <string>

#include "cli/terminal/log.h"

namespace styletransfer::cli {

struct CommandOptions {
  /// Empty: none.
  std::string config_path;
  /// Empty: none.
  std::string preset;
  bool print_config = false;
  bool quiet = false;
  bool verbose = false;
};

[[nodiscard]] inline Verbosity verbosity_of(const CommandOptions& options) {
  if (options.quiet) return Verbosity::kQuiet;
  return options.verbose ? Verbosity::kVerbose : Verbosity::kNormal;
}

}  // namespace styletransfer::cli
