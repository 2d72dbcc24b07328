#include "cli/inputs/training_photos.h"

#include <filesystem>
#include <system_error>

#include "base/sha256.h"
#include "cli/inputs/image_list.h"
#include "cli/terminal/log.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

std::vector<std::string> training_photos(const std::string& flag,
                                         const std::vector<std::string>& names) {
  std::vector<std::string> paths;
  std::vector<std::string> problems;
  for (const SourceImage& image : find_images(flag, names)) {
    if (image.problem.empty()) {
      paths.push_back(image.path);
    } else {
      problems.push_back(image.problem);
    }
  }
  if (paths.empty()) {
    throw UsageError(problems.empty() ? flag + ": no image found; give photos or folders of photos"
                                      : problems.front() + "; no other image is given");
  }
  for (const std::string& problem : problems) log_warning(problem + "; skipped");
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
