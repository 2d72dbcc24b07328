// Error messages for command lines that the parser does not accept, with hints.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace styletransfer::cli {

/// Rejects words that the parser could not assign; `extras` is not empty. Suggests a flag, a
/// subcommand, or the command with --content and --style filled in.
[[noreturn]] void refuse_extras(const CLI::App& app, const CLI::App& command,
                                const std::vector<std::string>& extras);

/// Rejects `styletransfer --size 9 loss ...`, where --size would be ignored.
void refuse_flags_before_subcommand(const CLI::App& app, const CLI::App& command);

/// Rewords CLI11's own errors, such as "--content: 1 required FILE missing".
[[noreturn]] void refuse_parse_error(const CLI::ParseError& error);

}  // namespace styletransfer::cli
