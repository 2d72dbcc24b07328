// One image stylized by a feed-forward network, without optimization.
#pragma once

#include "cli/commands/stylize/image_task.h"

namespace styletransfer::cli {

class ApplyTask : public ImageTask {
 public:
  using ImageTask::ImageTask;

 protected:
  void check_inputs() override;
  [[nodiscard]] std::optional<Image> make_image(Observer& observer) override;
};

}  // namespace styletransfer::cli
