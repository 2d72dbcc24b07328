#include "device/recorded_work.h"

#include <cmath>
#include <exception>
#include <utility>

#include "styletransfer/error.h"

namespace styletransfer::detail {

RecordedWork::RecordedWork(std::function<void()> work, std::function<double()> value,
                           GraphMaker make_graph,
                           std::function<void(const std::string&)> on_failure)
    : work_(std::move(work)),
      value_(std::move(value)),
      make_graph_(std::move(make_graph)),
      on_failure_(std::move(on_failure)) {}

void RecordedWork::run() {
  if (graph_) {
    graph_->replay();
  } else if (make_graph_ && runs_ == kWarmUpRuns) {
    record();
  } else {
    work_();
    ++runs_;
  }
}

void RecordedWork::record() {
  // Only one attempt: a capture that fails once would fail in every iteration.
  const GraphMaker make_graph = std::exchange(make_graph_, nullptr);
  try {
    capture(make_graph);
  } catch (const std::exception& error) {
    graph_ = nullptr;
    if (on_failure_) on_failure_(error.what());
  }
  // After a failed capture the results may be in the graph's memory, which is released: run
  // directly.
  if (!graph_) work_();
}

void RecordedWork::capture(const GraphMaker& make_graph) {
  graph_ = make_graph();
  if (!graph_) return;
  work_();
  const double direct = value_();
  graph_->capture(work_);
  graph_->replay();
  const double replayed = value_();
  if (!(std::abs(replayed - direct) <= kAgreement * std::abs(direct))) {
    throw RunError("its record gives " + std::to_string(replayed) + " instead of " +
                   std::to_string(direct));
  }
}

}  // namespace styletransfer::detail
