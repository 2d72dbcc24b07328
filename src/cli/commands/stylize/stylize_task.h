// Stylization of one image from paths to the written file: check, read, stylize, write.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/checkpoint/run_metadata.h"
#include "cli/checkpoint/unfinished_run.h"
#include "cli/inputs/shared_resources.h"
#include "cli/options/options.h"

namespace styletransfer::cli {

/// Call the steps in this order. Each throws UsageError or RunError; messages go to the observer.
class StylizeTask {
 public:
  /// Both must outlive this.
  StylizeTask(const StylizeOptions& options, SharedResources& resources);

  /// Checks image headers, schedule and output path, and that the VGG file exists if no pass will
  /// load it.
  void check();

  /// Opens the shared resources if a pass needs VGG, then decodes the content image.
  void read_content(Observer& observer);
  /// Decodes the style images.
  void read_styles();
  /// Decodes the start image; checks that all images are large enough for the network.
  void read_start(Observer& observer);

  /// Resumes from a checkpoint with --resume; saves checkpoints and snapshots as the options say.
  [[nodiscard]] Result paint(Observer& observer);

  /// Returns "out.png, 512x384, 12.3 s". Removes the checkpoint of a finished run.
  std::string write(const Result& result);

  /// The job, with the images read so far.
  [[nodiscard]] const Job& job() const { return job_; }
  /// Run metadata known once the inputs are read, without results.
  [[nodiscard]] RunMetadata record() const;
  /// Same as JSON for reports.
  [[nodiscard]] std::string settings_json() const;

 private:
  void inspect_init() const;
  [[nodiscard]] Size result_size() const;
  void apply_alpha_choice(Observer& observer);
  /// Start image made by the network of --init or apply; empty when interrupted.
  [[nodiscard]] Image network_start(const Pass& pass, Observer& observer);
  [[nodiscard]] Result resize() const;
  [[nodiscard]] Result transfer(Observer& observer);
  /// Writes to the output path, or to a fallback location: then throws WrittenToFallback.
  void write_result(const Result& result);
  /// Upper bound, times the number of images made at the same time.
  [[nodiscard]] std::uint64_t result_file_bytes() const;

  const StylizeOptions& options_;
  SharedResources& resources_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Job job_;
  WriteOptions write_;
  ImageFileInfo content_file_;
  std::vector<Pass> passes_;
  bool needs_network_ = true;
  std::optional<UnfinishedRun> unfinished_;
};

}  // namespace styletransfer::cli
