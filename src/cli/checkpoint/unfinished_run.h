// Checkpoint and partial output of an interrupted run.
#pragma once

#include <optional>
#include <string>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/options/options.h"
#include "engine/checkpoint.h"

namespace styletransfer::cli {

class UnfinishedRun {
 public:
  /// Inspects the output path and the checkpoint file. Throws UsageError for --resume of a finished
  /// image, and for a checkpoint that would be lost because --resume is missing.
  explicit UnfinishedRun(const StylizeOptions& options);

  /// True when there is a checkpoint and --resume is set.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }
  /// True when the output file is the best image of an interrupted run, which may be replaced.
  [[nodiscard]] bool may_replace_output() const { return may_replace_output_; }

  /// Loads the checkpoint; nothing when there is none. Throws UsageError when it is damaged or has
  /// another fingerprint (checkpoint_fingerprint), naming the difference; in a batch a damaged
  /// checkpoint is only a warning.
  [[nodiscard]] std::optional<RunState> load(const Fingerprint& fingerprint,
                                             Observer& observer) const;

 private:
  [[nodiscard]] std::optional<SavedRun> read(Observer& observer) const;
  /// Throws UsageError with `problem` and the remedy: `other_remedy` or starting over.
  [[noreturn]] void refuse(const std::string& problem, const std::string& other_remedy = "") const;

  std::string output_path_;
  std::string state_path_;
  bool is_asked_for_;
  bool is_of_batch_;
  bool is_resumed_ = false;
  bool may_replace_output_ = false;
};

}  // namespace styletransfer::cli
