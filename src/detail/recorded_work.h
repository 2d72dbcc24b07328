// Work on a device that is recorded once and then run again from the record: one launch instead of
// one for each operation.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace styletransfer::detail {

/// A record of a device's operations, with all the memory that they use.
class EvaluationGraph {
 public:
  EvaluationGraph() = default;
  EvaluationGraph(const EvaluationGraph&) = delete;
  EvaluationGraph& operator=(const EvaluationGraph&) = delete;
  virtual ~EvaluationGraph() = default;

  /// Calls `work` and records its operations. Its results are only there after a replay. The work
  /// must not read from the device nor copy to it, and must use the same memory for its inputs each
  /// time; tensors that it makes live as long as the graph. Throws std::exception where the work
  /// cannot be recorded; the device can then be used as before.
  virtual void capture(const std::function<void()>& work) = 0;
  /// Runs what was recorded, on the device's current stream, without waiting.
  virtual void replay() = 0;
};

using GraphMaker = std::function<std::unique_ptr<EvaluationGraph>()>;

/// Runs the same work again and again: a few times as it is, then from a record of it.
class RecordedWork {
 public:
  /// Runs before the one that is recorded: the first ones choose kernels and allocate workspaces.
  static constexpr int kWarmUpRuns = 2;
  /// How far, relatively, a record's value may lie from the one computed directly. More means that
  /// something in the work is not recorded.
  static constexpr double kAgreement = 1e-3;

  /// value: reads what the last run computed (a loss) from the device. make_graph: may be empty or
  /// return null where there are no graphs; the work then always runs as it is. on_failure: told
  /// once why the work is not recorded.
  RecordedWork(std::function<void()> work, std::function<double()> value, GraphMaker make_graph,
               std::function<void(const std::string&)> on_failure);

  /// One run. Waits for the device only in the run that makes the record. Throws what the work
  /// throws when it runs directly.
  void run();
  /// Whether the next run is a replay.
  [[nodiscard]] bool is_recorded() const { return graph_ != nullptr; }

 private:
  void record();
  void capture(const GraphMaker& make_graph);

  std::function<void()> work_;
  std::function<double()> value_;
  GraphMaker make_graph_;
  std::function<void(const std::string&)> on_failure_;
  std::unique_ptr<EvaluationGraph> graph_;
  int runs_ = 0;
};

}  // namespace styletransfer::detail
