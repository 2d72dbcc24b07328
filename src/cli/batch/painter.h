// Paints the pairs of a batch one after another, whatever happens to some of them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

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

  /// Returns the exit code. Throws UsageError for what keeps every picture from being made.
  int run();

 private:
  enum class Fate { kWaiting, kPainted, kFinishedBefore, kLost, kInterrupted };

  void prepare();
  void paint(std::size_t index);
  Fate read_paint_and_write(const Pair& pair);
  template <typename Read>
  void read_source(const SourcePicture& source, const Read& read);
  /// Tells why a source cannot be used and which pictures are lost by that.
  void give_up(const SourcePicture& source, const std::string& trouble);
  [[nodiscard]] int count(Fate fate) const;
  int end(double seconds);

  const BatchOptions& command_;
  std::span<const Pair> pairs_;
  Workshop& workshop_;
  BatchReporter reporter_;
  std::vector<Fate> fates_;
  /// Pairs that were to be painted when the work began.
  std::vector<std::size_t> planned_;
};

}  // namespace styletransfer::cli
