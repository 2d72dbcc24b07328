// Layout of --help: wrapped lines under aligned columns.
#pragma once

#include <string>

namespace styletransfer::cli {

inline constexpr int kHelpColumn = 34;
inline constexpr int kHelpWidth = 100;

/// CLI11 writes each flag on one line however long; this breaks such lines at spaces, continues
/// them under their description, and leaves one empty line between groups.
[[nodiscard]] std::string tidied_help(const std::string& text);

}  // namespace styletransfer::cli
