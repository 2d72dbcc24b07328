// Paths for display in messages.
#pragma once

#include <string>

namespace styletransfer {

/// Returns the path with control characters replaced, safe for a one-line message.
[[nodiscard]] std::string shown_path(const std::string& path);

}  // namespace styletransfer
