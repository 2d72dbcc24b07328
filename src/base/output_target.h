// Checks of output paths before a run.
#pragma once

#include <string>

namespace styletransfer {

/// Checks in advance whatever can be checked of an output file: an existing file in its place, its
/// folder (created when missing), write permission. A symbolic link to a nonexistent file is
/// accepted if that file can be created. Leaves no file behind. Throws UsageError naming the path.
void check_output_target(const std::string& path, bool may_replace);

/// Does the same for a folder of results. Throws UsageError naming the folder.
void check_output_folder(const std::string& folder);

}  // namespace styletransfer
