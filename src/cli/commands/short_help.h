// The short help of -h, and `styletransfer help`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace styletransfer::cli {

/// The flags that a beginner needs, the subcommands and three examples, in at most 40 lines.
[[nodiscard]] std::string short_help(const CLI::App& app);

/// Text of `styletransfer help`: the short help, or every flag of the command that `words` name.
/// Throws UsageError for an unknown command.
[[nodiscard]] std::string help_of(const CLI::App& app, const std::vector<std::string_view>& words);

}  // namespace styletransfer::cli
