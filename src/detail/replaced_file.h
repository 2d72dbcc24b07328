// Files that are written whole or not at all.
#pragma once

#include <functional>
#include <string>

namespace styletransfer::detail {

/// Has `write` write a file beside `path`, and renames it when that went well. Folders are made.
/// Throws RunError, calling the file `what`, for whatever went wrong.
void replace_file(const std::string& what, const std::string& path,
                  const std::function<void(const std::string& beside)>& write);

}  // namespace styletransfer::detail
