// Progress of a run or of a training. The library prints nothing; all its output goes to observers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/message.h"

namespace styletransfer {

struct Image;
struct Checkpoint;

/// One weighted term of the loss; the terms of an evaluation add up to its loss.
struct LossTerm {
  /// "content relu4_2", "style relu1_1", "total variation".
  std::string name;
  double value = 0.0;
};

/// A pass that begins; iterations counts all of its iterations. A training is one pass.
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
  /// early by a stopping rule counts as done. A training: of the iterations or of the time limit,
  /// whichever is further along.
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

/// Evaluation of a network in training on the validation photos.
struct ValidationResult {
  int iteration = 0;
  double loss = 0.0;
  double best_loss = 0.0;
};

/// Answer of a callback that may stop the run.
enum class Continue { kYes, kStop };

/// Receives the progress. Every method has an empty default; all are called on the thread that runs
/// the job.
class Observer {
 public:
  virtual ~Observer() = default;
  /// One line of information ("device cpu, bfloat16, 2 threads").
  virtual void on_message(const Message& /*line*/) {}
  /// One line of extra detail.
  virtual void on_detail(const Message& /*line*/) {}
  /// One line of advice, or a problem that does not stop the run.
  virtual void on_warning(const Message& /*line*/) {}
  /// All planned passes, before the first one starts.
  virtual void on_schedule(const std::vector<PassStarted>& /*passes*/) {}
  virtual void on_pass_started(const PassStarted& /*pass*/) {}
  /// kStop ends the run after this step; the best image so far is the result.
  virtual Continue on_step_finished(const StepFinished& /*step*/) { return Continue::kYes; }
  virtual void on_validation(const ValidationResult& /*result*/) {}
  /// Not called for passes without iterations.
  virtual void on_pass_finished(const PassFinished& /*pass*/) {}

  /// Called after on_step_finished; return true to receive the step's image in on_image (a copy, at
  /// the size of the pass, with the content's alpha). A training's image is a photo with the
  /// network's output beside it.
  virtual bool wants_image(const StepFinished& /*step*/) { return false; }
  virtual void on_image(const StepFinished& /*step*/, const Image& /*image*/) {}

  /// Called after every step; return true to receive a checkpoint (checkpoint.h) in on_checkpoint.
  /// It shares the run's memory and is valid until on_checkpoint returns. `is_stopping`: an
  /// observer answered kStop, so this is the last one.
  virtual bool wants_checkpoint(bool /*is_stopping*/) { return false; }
  virtual void on_checkpoint(const Checkpoint& /*checkpoint*/) {}
};

/// Passes everything on to several observers, in their order. Each receives only the images and
/// checkpoints that it wants; the run stops when one of them says so.
class Observers : public Observer {
 public:
  /// `observer` must outlive this.
  void add(Observer& observer) { entries_.push_back({&observer}); }

  void on_message(const Message& line) override;
  void on_detail(const Message& line) override;
  void on_warning(const Message& line) override;
  void on_schedule(const std::vector<PassStarted>& passes) override;
  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  void on_validation(const ValidationResult& result) override;
  void on_pass_finished(const PassFinished& pass) override;
  bool wants_image(const StepFinished& step) override;
  void on_image(const StepFinished& step, const Image& image) override;
  bool wants_checkpoint(bool is_stopping) override;
  void on_checkpoint(const Checkpoint& checkpoint) override;

 private:
  struct Entry {
    Observer* observer;
    bool wants_image = false;
    bool wants_checkpoint = false;
  };

  std::vector<Entry> entries_;
};

}  // namespace styletransfer
