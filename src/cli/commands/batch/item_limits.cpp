#include "cli/commands/batch/item_limits.h"

#include "base/shown_path.h"
#include "cli/options/print_flag.h"
#include "cli/terminal/option_names.h"
#include "styletransfer/error.h"

namespace styletransfer::cli {

void check_image_limits(const StylizeOptions& shared, const std::string& flag,
                        std::vector<SourceImage>& images) {
  for (SourceImage& image : images) {
    if (!image.problem.empty()) continue;
    try {
      static_cast<void>(passes_for(shared, image.size));
    } catch (const UsageError& error) {
      image.problem = with_flags(flag + ": " + shown_path(image.path) + ": " + error.message());
    }
  }
  require_readable_image(flag, images);
}

}  // namespace styletransfer::cli
