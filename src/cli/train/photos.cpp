#include "cli/train/photos.h"

#include <filesystem>
#include <system_error>

#include "cli/batch/sources.h"
#include "cli/log/log.h"
#include "detail/sha256.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

std::vector<std::string> training_photos(const std::string& flag,
                                         const std::vector<std::string>& names) {
  std::vector<std::string> paths;
  std::vector<std::string> troubles;
  for (const SourcePicture& picture : find_pictures(flag, names)) {
    if (picture.trouble.empty()) {
      paths.push_back(picture.path);
    } else {
      troubles.push_back(picture.trouble);
    }
  }
  if (paths.empty()) {
    throw UsageError(troubles.empty()
                         ? flag + ": no picture in what is named; name photos or folders of them"
                         : troubles.front() + "; no other picture is named");
  }
  for (const std::string& trouble : troubles) log_warning(trouble + "; left out");
  return paths;
}

std::string photos_sha256(const std::vector<std::string>& paths) {
  detail::Sha256 hash;
  for (const std::string& path : paths) {
    std::error_code ignored;
    const std::string line = std::filesystem::path(path).filename().string() + "\t" +
                             std::to_string(std::filesystem::file_size(path, ignored)) + "\n";
    hash.add(line.data(), line.size());
  }
  return detail::hexadecimal(hash.finish());
}

}  // namespace styletransfer::cli
