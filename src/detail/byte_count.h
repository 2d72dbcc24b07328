// Amounts of memory in words.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::detail {

/// "812 MB", "3.4 GB" (powers of ten).
[[nodiscard]] std::string memory_in_words(std::int64_t bytes);

}  // namespace styletransfer::detail
