// Whether a file can be written where it is wanted.
#pragma once

#include <string>

namespace styletransfer {

/// Checks before the work what can be checked of a file to be written: an existing one in its
/// place, its folder (made when missing), permission to write. A link to a file that does not exist
/// yet is good where that file can be made. Leaves no file behind. Throws UsageError naming the
/// path.
void check_output_target(const std::string& path, bool may_replace);

/// The same of a folder for results. Throws UsageError naming the folder.
void check_output_folder(const std::string& folder);

}  // namespace styletransfer
