// Layer 0: what a run tells while it works. The library prints nothing; this is its only way out.
#pragma once

#include <string>
#include <vector>

namespace styletransfer {

/// One term of the loss, weighted: the terms of an evaluation add up to its loss.
struct LossTerm {
  /// "content relu4_2", "style relu1_1", "smoothness".
  std::string name;
  double value = 0.0;
};

struct PassStarted {
  int pass_index = 0;  // from 0
  int pass_count = 1;
  int width_px = 0;
  int height_px = 0;
  int iterations = 0;
};

struct StepFinished {
  int pass_index = 0;
  int iteration = 0;  // from 1
  double loss = 0.0;
  std::vector<LossTerm> terms;
  /// Work done, of all passes together, 0..1, in units of pixels x steps.
  double fraction_done = 0.0;
  double seconds_since_start = 0.0;
};

enum class Continue { kYes, kStop };

/// Watches a run. Every method has an empty default; all are called on the thread that runs.
class Observer {
 public:
  virtual ~Observer() = default;
  /// One line of information ("device cpu, bfloat16, 2 threads").
  virtual void on_message(const std::string& /*line*/) {}
  /// One line of advice or trouble; the run goes on.
  virtual void on_warning(const std::string& /*line*/) {}
  virtual void on_pass_started(const PassStarted& /*pass*/) {}
  /// kStop ends the run after this step; the best picture so far is the result.
  virtual Continue on_step_finished(const StepFinished& /*step*/) { return Continue::kYes; }
};

}  // namespace styletransfer
