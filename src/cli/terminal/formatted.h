// printf-style text as a std::string, counts with their noun, and shell commands.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

[[nodiscard]] [[gnu::format(printf, 1, 2)]] std::string formatted(const char* pattern, ...);

/// "1 iteration", "2 iterations".
[[nodiscard]] std::string counted(long long count, const std::string& noun);

/// Quotes arguments for a POSIX shell.
[[nodiscard]] std::string shell_command(const std::vector<std::string>& arguments);

}  // namespace styletransfer::cli
