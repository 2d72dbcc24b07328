// Command line parser: argv to a typed command.
#pragma once

#include "cli/options/options.h"

namespace styletransfer::cli {

/// Parses argv and checks everything that can be checked without touching a file. Throws
/// UsageError, one line that names the flag, the value and the valid choices.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

}  // namespace styletransfer::cli
