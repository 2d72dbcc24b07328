// What an interrupted run left beside its output, and what may be done with it.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"
#include "cli/run_binding.h"
#include "styletransfer/run_state.h"

namespace styletransfer::cli {

class UnfinishedRun {
 public:
  /// Looks at the output path and the state file. Throws UsageError for --resume of a finished
  /// picture, and for a state that would be lost because --resume is missing.
  explicit UnfinishedRun(const StylizeOptions& options);

  /// There is a state, and --resume asks for it.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }
  /// The output file is the best picture of an interrupted run, which may be replaced.
  [[nodiscard]] bool may_replace_output() const { return may_replace_output_; }

  /// The state to go on from; nothing when there is none. Throws UsageError naming what differs
  /// when it does not belong to what `binding` tells (run_binding), or is damaged; in a batch a
  /// damaged one is only warned of.
  [[nodiscard]] std::optional<RunState> load(const Binding& binding, Observer& observer) const;

 private:
  [[nodiscard]] std::optional<SavedRun> read(Observer& observer) const;
  /// Adds what a person can do about it.
  [[noreturn]] void refuse(const std::string& trouble) const;

  std::string output_path_;
  std::string state_path_;
  bool is_asked_for_;
  bool is_of_batch_;
  bool is_resumed_ = false;
  bool may_replace_output_ = false;
};

}  // namespace styletransfer::cli
