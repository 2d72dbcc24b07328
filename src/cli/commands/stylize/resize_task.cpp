#include "cli/commands/stylize/resize_task.h"

#include "cli/inputs/job_files.h"
#include "styletransfer/transfer.h"

namespace styletransfer::cli {

void ResizeTask::check_inputs() { inspect_styles(options_, resources_.files()); }

void ResizeTask::read_styles() {
  if (!only_transfers_colors(job_.colors)) return;
  open_styles(options_, passes_.back().size_px, resources_.files(), resources_.style_images(),
              job_);
}

std::optional<Image> ResizeTask::make_image(Observer& /*observer*/) {
  Image image = content_at(result_size());
  if (!only_transfers_colors(job_.colors)) return image;
  return in_style_colors(image, job_.styles, job_.colors);
}

}  // namespace styletransfer::cli
