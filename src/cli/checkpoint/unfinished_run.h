// Checkpoint and partial output of an interrupted run or training.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/options/options.h"
#include "styletransfer/progress.h"

namespace styletransfer {
struct SavedCheckpoint;
}

namespace styletransfer::cli {

class UnfinishedRun {
 public:
  /// Of an image. Inspects the output path and the checkpoint file. Throws UsageError for --resume
  /// of a finished image, and for a checkpoint that would be lost because --resume is missing.
  explicit UnfinishedRun(const StylizeOptions& options);

  /// Of a training. Also checks that every output can be written, creates its folder, and refuses
  /// existing files. `outputs`: every file that the training writes at its end.
  UnfinishedRun(const TrainingControl& control, const std::vector<std::string>& outputs);

  /// True when there is a checkpoint and --resume is set.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }
  /// True when the output file is the best image of an interrupted run, which may be replaced.
  [[nodiscard]] bool may_replace_output() const { return may_replace_output_; }

  /// Loads the checkpoint; null when there is none. Throws UsageError when it is damaged or has
  /// another fingerprint, naming the difference; in a batch a damaged checkpoint is only a warning.
  [[nodiscard]] std::shared_ptr<Checkpoint> load(const Fingerprint& fingerprint,
                                                 Observer& observer) const;

 private:
  /// "run" or "training".
  enum class Kind { kRun, kTraining };

  UnfinishedRun(Kind kind, const std::string& output_path, bool is_asked_for, bool overwrites);
  [[nodiscard]] const char* noun() const { return kind_ == Kind::kRun ? "run" : "training"; }
  /// False when the checkpoint is unusable and this is an image of a batch.
  [[nodiscard]] bool read(SavedCheckpoint& saved, Observer& observer) const;
  /// Throws UsageError with `problem` and the remedy: `other_remedy` or starting over.
  [[noreturn]] void refuse(const Message& problem, const std::string& other_remedy = "") const;

  Kind kind_;
  std::string output_path_;
  std::string state_path_;
  bool is_asked_for_;
  bool is_of_batch_ = false;
  bool is_resumed_ = false;
  bool may_replace_output_ = false;
};

}  // namespace styletransfer::cli
