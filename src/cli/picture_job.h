// One picture from paths to a written file: checked, read, painted, written, in this order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/settings.h"
#include "cli/unfinished_run.h"
#include "cli/workshop.h"

namespace styletransfer::cli {

/// False when the passes leave the content as it is but for its size.
[[nodiscard]] bool needs_network(const StylizeOptions& options, const std::vector<Pass>& passes);

/// Each step throws UsageError or RunError; what it has to say goes to the observer.
class PictureJob {
 public:
  /// Both must outlive the job.
  PictureJob(const StylizeOptions& options, Workshop& workshop);

  /// Headers, schedule, output path, and the network file where no pass needs the network itself.
  void check();

  /// Opens the workshop where a pass needs the network, then decodes the content.
  void read_content(Observer& observer);
  /// Decodes the styles.
  void read_styles();
  /// Decodes the start; checks that all fit the network.
  void read_start(Observer& observer);

  /// Goes on from a saved state where --resume asks for it; saves states and writes snapshots as
  /// the options say.
  [[nodiscard]] Result paint(Observer& observer);

  /// Returns "out.png, 512x384, 12.3 s". The state of a run that is done is removed.
  std::string write(const Result& result);

  /// With the pictures that are read so far.
  [[nodiscard]] const Job& job() const { return job_; }
  /// What is known once the inputs are read; the result's part is left open.
  [[nodiscard]] RunRecord record() const;

 private:
  void look_at_init() const;
  [[nodiscard]] Size result_size() const;
  void apply_alpha_choice(Observer& observer);
  /// By the network of --init or apply; empty when the work was interrupted.
  [[nodiscard]] Image painted_start(const Pass& pass, Observer& observer);
  [[nodiscard]] Result resize() const;
  [[nodiscard]] Result transfer(Observer& observer);
  /// To its place, or to another one: throws WrittenElsewhere then.
  void write_picture(const Result& result);
  /// An upper bound, for each picture that is painted at the same time.
  [[nodiscard]] std::uint64_t result_file_bytes() const;

  const StylizeOptions& options_;
  Workshop& workshop_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Job job_;
  WriteOptions write_;
  ImageFileInfo content_file_;
  std::vector<Pass> passes_;
  bool needs_network_ = true;
  std::optional<UnfinishedRun> unfinished_;
};

}  // namespace styletransfer::cli
