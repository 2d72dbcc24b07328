// The content image resized, and recolored if requested; no network involved.
#pragma once

#include "cli/commands/stylize/image_task.h"

namespace styletransfer::cli {

class ResizeTask : public ImageTask {
 public:
  using ImageTask::ImageTask;

  void read_styles() override;

 protected:
  void check_inputs() override;
  [[nodiscard]] std::optional<Image> make_image(Observer& observer) override;
};

}  // namespace styletransfer::cli
