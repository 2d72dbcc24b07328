// printf-style text as a std::string, and counts with their noun.
#pragma once

#include <string>

namespace styletransfer::cli {

[[nodiscard]] [[gnu::format(printf, 1, 2)]] std::string formatted(const char* pattern, ...);

/// "1 iteration", "2 iterations".
[[nodiscard]] std::string counted(long long count, const std::string& noun);

}  // namespace styletransfer::cli
