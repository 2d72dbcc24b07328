// Runs the pairs of a batch, one or several at a time; a failed pair does not stop the others.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cli/commands/batch/batch_item.h"
#include "cli/commands/batch/existing_outputs.h"
#include "cli/report/batch_item_result.h"

namespace styletransfer::cli {

class BatchRunner {
 public:
  /// `write`: how all results are written. All arguments must outlive this.
  BatchRunner(const WriteOptions& write, std::span<const Pair> pairs,
              const std::vector<OutputState>& states, ItemStylizer& maker, int images_at_once = 1);

  /// Result of each pair.
  [[nodiscard]] const std::vector<ItemResult>& results() const { return results_; }

  [[nodiscard]] double seconds() const { return reporter_.seconds(); }

  /// Returns the exit code. Throws UsageError when no image can be made at all.
  int run();

 private:
  void prepare();
  void check_folder() const;
  /// Processes pairs until none is left; runs in each thread.
  void work_through();
  void paint(std::size_t index, ImageReporter& reporter);
  void read_source(const SourceImage& source, const std::function<void()>& read);
  [[nodiscard]] std::string named_problem(const std::exception& error, const Pair& pair) const;
  /// Logs why a source cannot be used and which outputs are lost.
  void give_up(const SourceImage& source, const std::string& problem);
  [[nodiscard]] ItemStatus status_of(std::size_t index);
  void decide(std::size_t index, ItemResult result);
  [[nodiscard]] int count(ItemStatus status) const;
  int end(double seconds);

  const WriteOptions& write_;
  std::span<const Pair> pairs_;
  ItemStylizer& maker_;
  int images_at_once_;
  BatchReporter reporter_;
  std::mutex results_mutex_;
  std::vector<ItemResult> results_;
  /// Held while files are read or written: not every codec library is thread-safe.
  std::mutex files_mutex_;
  /// Index of the next entry of planned_.
  std::atomic<std::size_t> next_ = 0;
  /// Pairs that remained to be made at the start.
  std::vector<std::size_t> planned_;
};

}  // namespace styletransfer::cli
