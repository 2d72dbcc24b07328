// Man page, generated from the flag table.
#pragma once

#include <string>
#include <vector>

#include "cli/args/command_shape.h"

namespace styletransfer::cli {

/// Returns the section 1 page in man macros.
[[nodiscard]] std::string man_page(const std::vector<CommandShape>& commands,
                                   const std::string& version);

}  // namespace styletransfer::cli
