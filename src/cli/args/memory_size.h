// Memory sizes on the command line.
#pragma once

#include <cstdint>
#include <string>

namespace styletransfer::cli {

/// Parses "800M", "6G", "1.5 GiB" (powers of 1024), "600MB", "12GB" (powers of 1000),
/// case-insensitive, and returns bytes: one megabyte to a million gigabytes. Throws UsageError.
[[nodiscard]] std::int64_t parse_memory_size(const std::string& flag, const std::string& text);

}  // namespace styletransfer::cli
