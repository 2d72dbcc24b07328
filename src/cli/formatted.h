// printf-style text as a std::string.
#pragma once

#include <string>

namespace styletransfer::cli {

[[nodiscard]] [[gnu::format(printf, 1, 2)]] std::string formatted(const char* pattern, ...);

}  // namespace styletransfer::cli
