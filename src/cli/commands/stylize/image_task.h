// One image from paths to the written file: check, read, make, write.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint/unfinished_run.h"
#include "cli/inputs/shared_resources.h"
#include "cli/options/options.h"
#include "styletransfer/run_report.h"

namespace styletransfer::cli {

/// Call the steps in this order. Each throws UsageError or RunError; messages go to the observer.
class ImageTask {
 public:
  /// Both must outlive this.
  ImageTask(const StylizeOptions& options, SharedResources& resources);
  virtual ~ImageTask();
  ImageTask(const ImageTask&) = delete;
  ImageTask& operator=(const ImageTask&) = delete;

  /// Checks image headers, schedule and output path, before anything is decoded.
  void check();
  /// Opens the shared resources if VGG is needed, then decodes the content image.
  void read_content(Observer& observer);
  /// Decodes the style images.
  virtual void read_styles() {}
  /// Decodes the start image; checks that all images are large enough for the network.
  virtual void read_start(Observer& /*observer*/) {}
  /// Call when everything is read: completes the report's inputs and machine.
  void finish_reading();
  /// Returns nothing when it was interrupted before there was an image.
  [[nodiscard]] std::optional<Image> make(Observer& observer);
  /// Returns "out.png, 512x384, 12.3 s". Removes the checkpoint of a finished run.
  std::string write(const Image& image);

  /// The job, with the images read so far.
  [[nodiscard]] const Job& job() const { return job_; }
  [[nodiscard]] const RunReport& report() const { return report_; }
  /// Records a failure in the report; `message`: one line.
  void fail(const std::string& message);

 protected:
  /// Checks the headers of inputs other than the content image.
  virtual void check_inputs() {}
  /// Checks what only this kind of task uses, at the end of check().
  virtual void check_run() {}
  [[nodiscard]] virtual bool needs_vgg() const { return false; }
  [[nodiscard]] virtual std::optional<Image> make_image(Observer& observer) = 0;

  /// The content at this size.
  [[nodiscard]] Image content_at(Size size) const;
  /// Image that the job's feed-forward network makes of the content at this size; nothing when
  /// interrupted.
  [[nodiscard]] std::optional<Image> network_image(Size size, Observer& observer);
  [[nodiscard]] Size result_size() const;
  /// Upper bound, times the number of images made at the same time.
  [[nodiscard]] std::uint64_t result_file_bytes() const;
  [[nodiscard]] double seconds() const;

  const StylizeOptions& options_;
  SharedResources& resources_;
  Job job_;
  WriteOptions write_;
  ImageFileInfo content_file_;
  /// Schedule; the last pass has the size of the result.
  std::vector<Pass> passes_;
  RunReport report_;
  std::optional<UnfinishedRun> unfinished_;

 private:
  using Clock = std::chrono::steady_clock;

  void apply_alpha_choice(Observer& observer);
  /// Writes to the output path, or to a fallback location: then throws WrittenToFallback.
  void write_result(const Image& image);
  [[nodiscard]] bool is_over() const;
  /// Seconds since the last call.
  double lap_seconds();

  Clock::time_point start_ = Clock::now();
  Clock::time_point lap_start_ = start_;
};

/// The task for these options: an optimization (stylize_task.h), a feed-forward network
/// (apply_task.h), or the content only resized or recolored (resize_task.h).
[[nodiscard]] std::unique_ptr<ImageTask> make_image_task(const StylizeOptions& options,
                                                         SharedResources& resources);

}  // namespace styletransfer::cli
