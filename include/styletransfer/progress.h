// Progress callbacks of a run. The library prints nothing; all its output goes through these.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace styletransfer {

struct Image;
struct RunState;

/// One weighted term of the loss; the terms of an evaluation add up to its loss.
struct LossTerm {
  /// "content relu4_2", "style relu1_1", "total variation".
  std::string name;
  double value = 0.0;
};

/// A pass that begins; iterations counts all of its iterations.
struct PassStarted {
  int pass_index = 0;  // from 0
  int pass_count = 1;
  int width_px = 0;
  int height_px = 0;
  int iterations = 0;
  /// Pixels that every iteration processes: the image's and its margin's.
  std::int64_t padded_px = 0;
};

/// A finished iteration.
struct StepFinished {
  int pass_index = 0;
  int iteration = 0;  // from 1
  double loss = 0.0;
  std::vector<LossTerm> terms;
  /// Fraction of the work of all passes that is done, 0..1, in pixels x iterations. A pass ended
  /// early by a stopping rule counts as done.
  double fraction_done = 0.0;
  /// Includes the time of the run that this one resumes.
  double seconds_since_start = 0.0;
};

/// A finished pass.
struct PassFinished {
  int pass_index = 0;
  /// Loss of the pass's best image.
  double loss = 0.0;
  std::vector<LossTerm> terms;
};

/// Answer of a callback that may stop the run.
enum class Continue { kYes, kStop };

/// Receives a run's progress. Every method has an empty default; all are called on the thread that
/// runs the job.
class Observer {
 public:
  virtual ~Observer() = default;
  /// One line of information ("device cpu, bfloat16, 2 threads").
  virtual void on_message(const std::string& /*line*/) {}
  /// One line of extra detail (--verbose).
  virtual void on_detail(const std::string& /*line*/) {}
  /// One line of advice, or a problem that does not stop the run.
  virtual void on_warning(const std::string& /*line*/) {}
  /// All planned passes, before the first one starts.
  virtual void on_schedule(const std::vector<PassStarted>& /*passes*/) {}
  virtual void on_pass_started(const PassStarted& /*pass*/) {}
  /// kStop ends the run after this step; the best image so far is the result.
  virtual Continue on_step_finished(const StepFinished& /*step*/) { return Continue::kYes; }
  /// Not called for passes without iterations.
  virtual void on_pass_finished(const PassFinished& /*pass*/) {}

  /// Called after on_step_finished; return true to receive the step's image in on_image (a copy, at
  /// the size of the pass, with the content's alpha).
  virtual bool wants_image(const StepFinished& /*step*/) { return false; }
  virtual void on_image(const StepFinished& /*step*/, const Image& /*image*/) {}

  /// Called after every step, including the one at which kStop ended the run; return true to
  /// receive the run's state (engine/checkpoint.h) in on_state. The state shares the run's memory
  /// and is valid until on_state returns.
  virtual bool wants_state() { return false; }
  virtual void on_state(const RunState& /*state*/) {}
};

}  // namespace styletransfer
