// Amounts of memory in words.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::detail {

/// "3.4 GB", "812 MB", "64 KB", "12 bytes" (powers of ten): the unit in which the number is
/// 1 or more. Less than nothing counts as nothing.
[[nodiscard]] std::string memory_in_words(std::int64_t bytes);

}  // namespace styletransfer::detail
