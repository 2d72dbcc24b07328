// Layer 0: what a run tells while it works. The library prints nothing; this is its only way out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace styletransfer {

struct Image;
struct RunState;

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
  /// Pixels that every step works on: the picture's and its margin's.
  std::int64_t worked_px = 0;
};

struct StepFinished {
  int pass_index = 0;
  int iteration = 0;  // from 1
  double loss = 0.0;
  std::vector<LossTerm> terms;
  /// Work done, of all passes together, 0..1, in units of pixels worked on x steps. A pass that a
  /// stopping rule ends counts as done.
  double fraction_done = 0.0;
  /// The time of a run that this one goes on from included.
  double seconds_since_start = 0.0;
};

struct PassFinished {
  int pass_index = 0;
  /// Of the pass's best picture.
  double loss = 0.0;
  std::vector<LossTerm> terms;
};

enum class Continue { kYes, kStop };

/// Watches a run. Every method has an empty default; all are called on the thread that runs.
class Observer {
 public:
  virtual ~Observer() = default;
  /// One line of information ("device cpu, bfloat16, 2 threads").
  virtual void on_message(const std::string& /*line*/) {}
  /// One line for those who want to know more (--verbose).
  virtual void on_detail(const std::string& /*line*/) {}
  /// One line of advice or trouble; the run goes on.
  virtual void on_warning(const std::string& /*line*/) {}
  /// Every pass that is planned, before the first one starts.
  virtual void on_schedule(const std::vector<PassStarted>& /*passes*/) {}
  virtual void on_pass_started(const PassStarted& /*pass*/) {}
  /// kStop ends the run after this step; the best picture so far is the result.
  virtual Continue on_step_finished(const StepFinished& /*step*/) { return Continue::kYes; }
  /// Not for passes of no steps.
  virtual void on_pass_finished(const PassFinished& /*pass*/) {}

  /// Asked after on_step_finished: whether on_picture should get the step's picture (which takes a
  /// copy), at the size of the pass, with the content's alpha.
  virtual bool wants_picture(const StepFinished& /*step*/) { return false; }
  virtual void on_picture(const StepFinished& /*step*/, const Image& /*picture*/) {}

  /// Asked after every step, the one that kStop ended the run at included: whether on_state should
  /// get the run's state (styletransfer/run_state.h). It shares the run's memory and holds until
  /// on_state returns.
  virtual bool wants_state() { return false; }
  virtual void on_state(const RunState& /*state*/) {}
};

}  // namespace styletransfer
