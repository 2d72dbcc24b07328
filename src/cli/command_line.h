// From argv to a typed command.
#pragma once

#include <string>

#include "cli/options.h"

namespace styletransfer::cli {

/// Parses and checks everything that can be checked without touching a file. Throws UsageError, one
/// line naming the flag, the value and the valid choices.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

/// "1.2.3".
[[nodiscard]] std::string program_version();

}  // namespace styletransfer::cli
