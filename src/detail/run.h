// One job under way: the list of passes, what each gets of memory, and what is told of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detail/memory_budget.h"
#include "detail/pass_chain.h"
#include "detail/plateau.h"
#include "detail/style_targets.h"
#include "detail/time_share.h"
#include "styletransfer/memory_plan.h"
#include "styletransfer/objective.h"
#include "styletransfer/pass.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Runs the list of passes and tells the observer about it.
class Run {
 public:
  /// Plans every pass. Throws UsageError when one does not fit, with the size that would.
  /// `from`: where to go on. All other arguments must outlive the run.
  Run(const Job& job, const FeatureNetwork& network, StyleTargets& style_targets,
      const Runtime& runtime, Observer& observer, std::optional<RunState> from = std::nullopt);

  [[nodiscard]] Result run();

 private:
  /// Plans every pass within limit_bytes_.
  void plan();
  /// The pass that needs the most memory.
  [[nodiscard]] std::size_t largest_pass() const;
  void go_on_from(RunState& from);
  [[nodiscard]] PassReport run_one(int index);
  /// The pass's start, or where it goes on; nothing when there is nothing to paint. Also gives the
  /// content at the pass's size with its margin.
  [[nodiscard]] std::optional<PassState> begin(int index, Size size, at::Tensor& wide_content);
  void finish(int index, PassResult outcome, PassReport& report);
  [[nodiscard]] bool next_goes_on_from(int index, MinimizeEnding ending) const;
  /// The searched picture with what is left untouched laid over it, the margin cut off.
  [[nodiscard]] Image shown(const at::Tensor& picture_rgb01) const;
  /// Of styles that no pixel is left for.
  void warn_of_lost_styles() const;
  /// Content, start and styles are one picture: it is its own best picture.
  [[nodiscard]] bool shows_every_style(const Image& start, int pass_px) const;
  [[nodiscard]] at::Tensor widened(const Image& image) const;
  [[nodiscard]] MemoryPlan plan_at(int long_edge_px) const;
  [[noreturn]] void refuse_size(size_t pass) const;
  /// By the program and its pictures; on a GPU nothing.
  [[nodiscard]] std::int64_t held_bytes() const;
  void tell_plan(const MemoryPlan& plan);
  /// A detail that several passes may have in common.
  void tell_once(const std::string& line);
  /// False: the pass ends here, for the reason in stop_.
  bool tell(int index, const PassStep& step);
  void keep(int index, const PassState& pass);
  [[nodiscard]] PassEnding judge(const PassResult& outcome);
  /// A picture of this run as it is shown to others.
  [[nodiscard]] Image finished(const Image& picture) const;
  [[nodiscard]] PassStarted announced(size_t index) const;
  [[nodiscard]] Size worked_size(int long_edge_px) const;
  [[nodiscard]] double work_of(const Pass& pass) const;
  [[nodiscard]] std::vector<double> pass_costs() const;
  /// Into the run, and into the pass under way: the time before an interruption included.
  [[nodiscard]] double seconds() const;
  [[nodiscard]] double pass_seconds() const { return seconds() - pass_start_seconds_; }

  const Job& job_;
  const FeatureNetwork& network_;
  StyleTargets& style_targets_;
  const Runtime& runtime_;
  Observer& observer_;
  PassChain chain_;
  std::int64_t limit_bytes_;
  int margin_px_;
  std::vector<Pass> passes_;
  std::vector<MemoryPlan> plans_;
  TimeShare times_;
  Plateau plateau_;
  /// Of the pass under way: what stays as the content.
  std::optional<KeptPlaces> kept_;
  /// On a GPU: of the network, before the first pass.
  std::int64_t device_bytes_before_ = 0;
  double work_ = 0.0;
  double work_done_ = 0.0;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0.0;
  double pass_start_seconds_ = 0.0;
  /// Until the pass that it belongs to is under way.
  std::optional<RunState> from_;
  std::vector<PassReport> finished_passes_;
  /// Where the last pass ended, until the next goes on from it; nothing when that begins anew.
  std::optional<PassState> reached_;
  /// Why the pass under way ends before its steps are done.
  std::optional<PassEnding> stop_;
  bool observer_stopped_ = false;
  std::string told_detail_;
  Ending ending_ = Ending::kFinished;
};

}  // namespace styletransfer::detail
