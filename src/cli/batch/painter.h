// Paints the pairs of a batch, one or several at a time, whatever happens to some of them.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cli/batch/outcome.h"
#include "cli/batch/outputs.h"
#include "cli/batch/reporter.h"
#include "cli/options.h"
#include "cli/picture_job.h"

namespace styletransfer::cli {

class BatchPainter {
 public:
  /// All arguments must outlive the painter.
  BatchPainter(const BatchOptions& command, std::span<const Pair> pairs,
               const std::vector<OutputState>& states, Workshop& workshop);

  /// What became of each pair.
  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }

  [[nodiscard]] double seconds() const { return reporter_.seconds(); }

  /// Returns the exit code. Throws UsageError for what keeps every picture from being made.
  int run();

 private:
  void prepare();
  /// Takes one picture after another until none is left; for several threads.
  void work_through();
  void paint(std::size_t index, PictureReporter& reporter);
  Outcome read_paint_and_write(const Pair& pair, PictureReporter& reporter);
  template <typename Read>
  void read_source(const SourcePicture& source, const Read& read);
  /// Tells why a source cannot be used and which pictures are lost by that.
  void give_up(const SourcePicture& source, const std::string& trouble);
  [[nodiscard]] Fate fate_of(std::size_t index);
  void decide(std::size_t index, Outcome outcome);
  [[nodiscard]] int count(Fate fate) const;
  int end(double seconds);

  const BatchOptions& command_;
  std::span<const Pair> pairs_;
  Workshop& workshop_;
  BatchReporter reporter_;
  std::mutex outcomes_mutex_;
  std::vector<Outcome> outcomes_;
  /// Held while files are read or written: not every codec's library is made for several threads.
  std::mutex files_mutex_;
  /// The next of planned_.
  std::atomic<std::size_t> next_ = 0;
  /// Pairs that were to be painted when the work began.
  std::vector<std::size_t> planned_;
};

}  // namespace styletransfer::cli
