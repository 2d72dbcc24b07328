#include "cli/commands/stylize/apply_task.h"

#include "cli/inputs/job_files.h"
#include "engine/color_modes.h"

namespace styletransfer::cli {

void ApplyTask::check_inputs() {
  inspect_styles(options_, resources_.files());
  static_cast<void>(resources_.feed_forward(options_.feed_forward));
}

std::optional<Image> ApplyTask::make_image(Observer& observer) {
  std::optional<Image> image = network_image(result_size(), observer);
  if (image) image = detail::with_final_colors(std::move(*image), job_);
  return image;
}

}  // namespace styletransfer::cli
