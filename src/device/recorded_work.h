// Capture and replay of GPU work (CUDA graphs): one launch instead of one per operation.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace styletransfer::detail {

/// A captured sequence of device operations, together with the memory they use.
class EvaluationGraph {
 public:
  EvaluationGraph() = default;
  EvaluationGraph(const EvaluationGraph&) = delete;
  EvaluationGraph& operator=(const EvaluationGraph&) = delete;
  virtual ~EvaluationGraph() = default;

  /// Calls `work` and captures its operations without executing them; results are valid after
  /// replay(). The work must not transfer data between host and device and must use the same input
  /// memory every time. Tensors it allocates live as long as the graph. Throws std::exception if
  /// the work cannot be captured; the device stays usable.
  virtual void capture(const std::function<void()>& work) = 0;
  /// Launches the captured operations on the device's current stream, without waiting.
  virtual void replay() = 0;
};

using GraphMaker = std::function<std::unique_ptr<EvaluationGraph>()>;

/// Runs the same work repeatedly: directly for the first few times, then by replaying a graph.
class RecordedWork {
 public:
  /// Direct runs before the capture: they select kernels and allocate workspaces.
  static constexpr int kWarmUpRuns = 2;
  /// Maximum relative difference between the value of the first replay and of a direct run. A
  /// larger one means that some of the work was not captured.
  static constexpr double kAgreement = 1e-3;

  /// value: reads the result of the last run (a loss) from the device. make_graph: may be empty, or
  /// return null if the device has no graphs; the work then always runs directly. on_failure:
  /// called once with the reason if the capture fails.
  RecordedWork(std::function<void()> work, std::function<double()> value, GraphMaker make_graph,
               std::function<void(const std::string&)> on_failure);

  /// Runs the work once. Waits for the device only in the run that makes the capture. Throws what
  /// `work` throws in a direct run.
  void run();
  /// True if the next run is a replay.
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
