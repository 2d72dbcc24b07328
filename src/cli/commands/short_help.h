// The short help of -h, and the command that `styletransfer help` is asked for.
#pragma once

#include <string>
#include <vector>

#include "cli/args/command_shape.h"

namespace styletransfer::cli {

/// The flags that a beginner needs, the subcommands and three examples, in at most 40 lines.
[[nodiscard]] std::string short_help(const std::vector<CommandShape>& commands);

/// The command that the words behind `help` name: "model import". Throws UsageError for an unknown
/// one.
[[nodiscard]] std::string command_named(const std::vector<std::string>& words,
                                        const std::vector<CommandShape>& commands);

}  // namespace styletransfer::cli
