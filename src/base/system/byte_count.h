// Human-readable memory sizes.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::detail {

/// Formats a byte count as "3.4 GB", "812 MB", "64 KB", "12 bytes" (powers of ten), in the unit in
/// which the number is at least 1. Negative counts are shown as 0.
[[nodiscard]] std::string memory_text(std::int64_t bytes);

}  // namespace styletransfer::detail
