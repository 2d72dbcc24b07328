// Input images of a batch: files, and the images in folders.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer::cli {

struct SourceImage {
  std::string path;
  /// Name used in output names (see give_names).
  std::string name;
  /// From the header; empty for an unreadable file.
  Size size;
  /// Why it cannot be used, one line; empty when readable.
  std::string problem;
};

/// Lists the given files in order; a folder is replaced by its images, sorted by name (byte order).
/// Subfolders, hidden files and files that are not images are skipped (the latter are counted in a
/// message). Unreadable images, dangling links with an image extension, and named files that cannot
/// be read are listed with their problem. A file named twice is listed once. `flag` is "--contents"
/// or "--styles".
[[nodiscard]] std::vector<SourceImage> find_images(const std::string& flag,
                                                   const std::vector<std::string>& sources);

/// Same, but throws UsageError when no image can be used.
[[nodiscard]] std::vector<SourceImage> find_readable_images(const std::string& flag,
                                                            const std::vector<std::string>& names);

/// Logs every image's problem and throws UsageError when no image can be used.
void require_readable_image(const std::string& flag, const std::vector<SourceImage>& images);

/// Throws UsageError when the output folder is one of `names`: the next run would read its own
/// results.
void refuse_output_among_sources(const std::string& output_folder,
                                 const std::vector<std::string>& names);

/// Absolute path with links resolved as far as it exists: equal for equal files.
[[nodiscard]] std::string resolved_path(const std::string& path);

/// Names every image by its file's stem. On collision, by the whole file name; if these collide
/// too, by as many parts of the path as needed, with _ for each slash.
void give_names(std::vector<SourceImage>& images);

}  // namespace styletransfer::cli
