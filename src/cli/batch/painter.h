// Paints the pairs of a batch, one or several at a time, whatever happens to some of them.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "cli/batch/outcome.h"
#include "cli/batch/outputs.h"
#include "cli/batch/pair_maker.h"

namespace styletransfer::cli {

class BatchPainter {
 public:
  /// `write`: how all results are written. All arguments must outlive the painter.
  BatchPainter(const WriteOptions& write, std::span<const Pair> pairs,
               const std::vector<OutputState>& states, PairMaker& maker, int pictures_at_once = 1);

  /// What became of each pair.
  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }

  [[nodiscard]] double seconds() const { return reporter_.seconds(); }

  /// Returns the exit code. Throws UsageError for what keeps every picture from being made.
  int run();

 private:
  void prepare();
  void check_folder() const;
  /// Takes one picture after another until none is left; for several threads.
  void work_through();
  void paint(std::size_t index, PictureReporter& reporter);
  void read_source(const SourcePicture& source, const std::function<void()>& read);
  /// Tells why a source cannot be used and which pictures are lost by that.
  void give_up(const SourcePicture& source, const std::string& trouble);
  [[nodiscard]] Fate fate_of(std::size_t index);
  void decide(std::size_t index, Outcome outcome);
  [[nodiscard]] int count(Fate fate) const;
  int end(double seconds);

  const WriteOptions& write_;
  std::span<const Pair> pairs_;
  PairMaker& maker_;
  int pictures_at_once_;
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
