// docs/flags.md: every command's flags, from the flag table.
#pragma once

#include <string>
#include <vector>

#include "cli/args/command_shape.h"

namespace styletransfer::cli {

/// Markdown with one section a command and one table a group of flags.
[[nodiscard]] std::string flags_page(const std::vector<CommandShape>& commands);

}  // namespace styletransfer::cli
