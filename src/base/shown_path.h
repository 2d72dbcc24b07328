// Paths in messages.
#pragma once

#include <string>

namespace styletransfer {

/// The path as it may stand in a one-line message: control characters replaced.
[[nodiscard]] std::string shown_path(const std::string& path);

}  // namespace styletransfer
