// One job under way: the list of passes, what each gets of memory, and what is told of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "detail/pass_chain.h"
#include "detail/style_targets.h"
#include "styletransfer/memory_plan.h"
#include "styletransfer/pass.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Every layer that the loss looks at.
[[nodiscard]] std::vector<std::string> compared_layers(const LossOptions& loss);

/// What the run may take beyond what the process holds already.
[[nodiscard]] std::int64_t memory_left(const Job& job, const Runtime& runtime);

/// Runs the list of passes and tells the observer about it.
class Run {
 public:
  /// Plans every pass. Throws UsageError when one does not fit, with the size that would.
  /// All arguments must outlive the run.
  Run(const Job& job, const FeatureNetwork& network, StyleTargets& style_targets,
      const Runtime& runtime, Observer& observer);

  [[nodiscard]] Result run();

 private:
  PassReport run_one(int index, Ending& ending);
  /// Content, start and styles are one picture: it is its own best picture.
  [[nodiscard]] bool shows_every_style(const Image& start, int pass_px) const;
  [[nodiscard]] at::Tensor widened(const Image& image) const;
  [[nodiscard]] MemoryPlan plan_for(const Pass& pass) const;
  [[nodiscard]] MemoryPlan plan_at(int long_edge_px) const;
  [[noreturn]] void refuse_size(const Pass& pass, const MemoryPlan& plan) const;
  void tell_plan(const Pass& pass, const MemoryPlan& plan);
  bool tell(int index, const PassStep& step);
  Ending judge(const PassResult& outcome);

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
  double work_ = 0.0;
  double work_done_ = 0.0;
  std::chrono::steady_clock::time_point start_time_ = std::chrono::steady_clock::now();
};

}  // namespace styletransfer::detail
