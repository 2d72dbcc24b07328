// Shell completion scripts for flags, values and file names.
#pragma once

#include <string>
#include <vector>

#include "cli/args/command_shape.h"

namespace styletransfer::cli {

[[nodiscard]] std::string bash_completion(const std::vector<CommandShape>& commands);
[[nodiscard]] std::string zsh_completion(const std::vector<CommandShape>& commands);
[[nodiscard]] std::string fish_completion(const std::vector<CommandShape>& commands);

/// Returns the script for "bash", "zsh" or "fish". Throws OptionError for another shell.
[[nodiscard]] std::string completion_script(const std::string& shell,
                                            const std::vector<CommandShape>& commands);

}  // namespace styletransfer::cli
