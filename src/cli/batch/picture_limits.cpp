#include "cli/batch/picture_limits.h"

#include "base/shown_path.h"
#include "cli/print_flag.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void check_picture_limits(const StylizeOptions& shared, const std::string& flag,
                          std::vector<SourcePicture>& pictures) {
  for (SourcePicture& picture : pictures) {
    if (!picture.trouble.empty()) continue;
    try {
      static_cast<void>(passes_for(shared, picture.size));
    } catch (const UsageError& error) {
      picture.trouble = flag + ": " + shown_path(picture.path) + ": " + error.what();
    }
  }
  require_sound_picture(flag, pictures);
}

}  // namespace styletransfer::cli
