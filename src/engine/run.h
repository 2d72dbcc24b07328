// Execution of one job: the list of passes, their memory plans, and progress reports.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/memory_budget.h"
#include "engine/memory_plan.h"
#include "engine/pass.h"
#include "engine/pass_chain.h"
#include "engine/run_state.h"
#include "engine/style_target_cache.h"
#include "engine/time_budget.h"
#include "loss/objective.h"
#include "optim/optimizer.h"
#include "optim/plateau.h"
#include "styletransfer/transfer.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// Runs the list of passes and reports to the observer.
class Run {
 public:
  /// Plans every pass. Throws UsageError when one does not fit, naming the size that would. `from`:
  /// a state to resume. All other arguments must outlive the run.
  Run(const Job& job, std::vector<Pass> passes, const FeatureNetwork& network,
      StyleTargets& style_targets, const Runtime& runtime, Observer& observer,
      std::optional<RunState> from = std::nullopt);

  [[nodiscard]] Result run();

 private:
  /// Plans every pass within limit_bytes_.
  void plan();
  /// The pass that needs the most memory.
  [[nodiscard]] std::size_t largest_pass() const;
  void resume_from(RunState& from);
  [[nodiscard]] PassReport run_one(int index);
  /// Returns the pass's start or resumed state; nullopt when there is nothing to optimize. Also
  /// sets the content at the pass's size with its margin.
  [[nodiscard]] std::optional<PassState> begin(int index, at::Tensor& padded_content);
  void finish(int index, PassResult result, PassReport& report);
  [[nodiscard]] bool next_continues_from(int index, StopReason reason) const;
  /// Returns the optimized image with untouched pixels restored and the margin cropped.
  [[nodiscard]] Image visible_image(const at::Tensor& image_rgb01) const;
  /// Warns about styles that have no pixels left.
  void warn_of_lost_styles() const;
  /// Returns true if content, start and styles are the same image, which is then the optimum
  /// already.
  [[nodiscard]] bool is_already_optimal(const Image& start, int pass_px) const;
  [[nodiscard]] at::Tensor padded(const Image& image) const;
  [[nodiscard]] MemoryPlan plan_at(int long_edge_px) const;
  [[noreturn]] void refuse_size(size_t pass) const;
  /// Memory already used by the program and its images; 0 on a GPU.
  [[nodiscard]] std::int64_t held_bytes() const;
  void report_plan(const MemoryPlan& plan);
  /// Reports a detail that several passes may have in common.
  void report_once(const std::string& line);
  /// Returns false if the pass ends here; if a stopping rule ended it, stop_ holds the reason.
  bool report_step(int index, const PassStep& step);
  void offer_checkpoint(int index, const PassState& pass);
  [[nodiscard]] StopReason stop_reason_of(const PassResult& result);
  /// Restores the content's alpha in an image that is passed to the observer or returned.
  [[nodiscard]] Image finished(const Image& image) const;
  [[nodiscard]] PassStarted pass_started(size_t index) const;
  [[nodiscard]] Size padded_size(int long_edge_px) const;
  [[nodiscard]] double work_of(const Pass& pass) const;
  [[nodiscard]] std::vector<double> pass_costs() const;
  /// Time since the start of the run and of the current pass, including time before an
  /// interruption.
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
  /// Pixels of the current pass that stay as the content.
  std::optional<UntouchedPixels> untouched_;
  /// On a GPU: memory of the network, before the first pass.
  std::int64_t device_bytes_before_ = 0;
  double work_ = 0.0;
  double work_done_ = 0.0;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0.0;
  double pass_start_seconds_ = 0.0;
  /// State to resume; consumed when its pass starts.
  std::optional<RunState> from_;
  std::vector<PassReport> finished_passes_;
  /// Final state of the last pass, until the next one continues from it; nullopt when the next one
  /// starts over.
  std::optional<PassState> final_state_;
  /// Reason why the current pass ends before its iterations are done.
  std::optional<StopReason> stop_;
  bool observer_stopped_ = false;
  std::string reported_detail_;
  StopReason stop_reason_ = StopReason::kFinished;
};

}  // namespace styletransfer::detail
