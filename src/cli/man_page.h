// The manual page, made from the flag table.
#pragma once

#include <string>
#include <vector>

#include "cli/command_shape.h"

namespace styletransfer::cli {

/// Section 1, in the man macros.
[[nodiscard]] std::string man_page(const std::vector<CommandShape>& commands,
                                   const std::string& version);

}  // namespace styletransfer::cli
