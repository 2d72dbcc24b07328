// The photos that a training learns from.
#pragma once

#include <string>
#include <vector>

namespace styletransfer::cli {

/// What is named, and what lies in named folders. Broken files are told of and left out. Throws
/// UsageError, naming `flag`, when nothing is left.
[[nodiscard]] std::vector<std::string> training_photos(const std::string& flag,
                                                       const std::vector<std::string>& names);

/// SHA-256 over names and sizes of the files: another set of photos has another one.
[[nodiscard]] std::string photos_sha256(const std::vector<std::string>& paths);

}  // namespace styletransfer::cli
