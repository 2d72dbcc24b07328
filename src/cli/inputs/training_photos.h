// Training photos.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

/// Lists the given files and the images in given folders. Unreadable files are reported and
/// skipped. Throws UsageError, naming `flag`, when nothing is left.
[[nodiscard]] std::vector<std::string> training_photos(const std::string& flag,
                                                       const std::vector<std::string>& names);

/// SHA-256 over names and sizes of the files, which identifies the set of photos.
[[nodiscard]] std::string photos_sha256(const std::vector<std::string>& paths);

}  // namespace styletransfer::cli
