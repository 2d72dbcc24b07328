// The pictures that a batch is made of: files, and what lies in folders.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer::cli {

struct SourcePicture {
  std::string path;
  /// What results are called after it (see give_names).
  std::string name;
  /// From its header; empty for a broken file.
  Size size;
  /// Why it cannot be used, one line; empty for a sound one.
  std::string trouble;
};

/// The named files in their order; in place of a folder its pictures, in byte order of their names.
/// A folder's own folders, hidden files and files that are no pictures are left aside (these are
/// counted in a message); a broken picture, a link with a picture's name that leads nowhere, and
/// any named file that cannot be read, is listed with its trouble. A file named twice is listed
/// once. `flag` is "--contents" or "--styles".
[[nodiscard]] std::vector<SourcePicture> find_pictures(const std::string& flag,
                                                       const std::vector<std::string>& sources);

/// The same. Throws UsageError when no picture among them can be used.
[[nodiscard]] std::vector<SourcePicture> find_sound_pictures(const std::string& flag,
                                                             const std::vector<std::string>& names);

/// Throws UsageError, after every picture's own error, when none of them can be used.
void require_sound_picture(const std::string& flag, const std::vector<SourcePicture>& pictures);

/// Throws UsageError when the folder of results is one of `names`: it would be read with its own
/// results the next time.
void refuse_output_among_sources(const std::string& output_folder,
                                 const std::vector<std::string>& names);

/// Absolute, links followed as far as the path exists: the same text for the same file.
[[nodiscard]] std::string resolved_path(const std::string& path);

/// Names every picture by its file's stem. Where stems meet, by the whole file name; where these
/// meet too, by as much of the path as tells them apart, with _ for each slash.
void give_names(std::vector<SourcePicture>& pictures);

}  // namespace styletransfer::cli
