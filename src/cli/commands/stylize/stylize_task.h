// One image stylized by optimization, in passes.
#pragma once

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/commands/stylize/image_task.h"

namespace styletransfer::cli {

/// Resumes from a checkpoint with --resume; saves checkpoints and snapshots as the options say.
class StylizeTask : public ImageTask {
 public:
  using ImageTask::ImageTask;

  void read_styles() override;
  void read_start(Observer& observer) override;

 protected:
  void check_inputs() override;
  void check_run() override;
  [[nodiscard]] bool needs_vgg() const override { return true; }
  [[nodiscard]] std::optional<Image> make_image(Observer& observer) override;

 private:
  void inspect_init() const;
  [[nodiscard]] int largest_px() const;
  /// The settings to store in the image of an intermediate step.
  [[nodiscard]] std::string snapshot_settings(int step) const;

  /// The network of --init was interrupted.
  bool is_interrupted_ = false;
};

}  // namespace styletransfer::cli
