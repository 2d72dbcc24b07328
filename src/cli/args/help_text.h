// Layout of --help: wrapped lines in aligned columns.
#pragma once

#include <string>

namespace styletransfer::cli {

inline constexpr int kHelpColumn = 34;
inline constexpr int kHelpWidth = 100;

/// Wraps CLI11's one-line flag descriptions at spaces, aligns the continuation lines, and leaves
/// one empty line between groups.
[[nodiscard]] std::string tidied_help(const std::string& text);

}  // namespace styletransfer::cli
