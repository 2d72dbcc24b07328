// Periodic checkpoints of a run or a training, and one when it is stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/checkpoint/checkpoint_fingerprint.h"
#include "cli/checkpoint/disk_reserve.h"
#include "styletransfer/progress.h"

namespace styletransfer::cli {

/// "out.png.state".
[[nodiscard]] std::string state_path_of(const std::string& output_path);
/// Throws UsageError when the system allows no file of that name.
void check_state_name(const std::string& output_path);
/// Returns true if there is a checkpoint, which --resume would continue.
[[nodiscard]] bool has_state(const std::string& output_path);
/// Removes the checkpoint of finished work, if there is one.
void remove_state(const std::string& output_path);

/// Decides when to save. With `every` unset: when 100 times the cost of saving has passed since the
/// last checkpoint, and at least 30 s.
class CheckpointPace {
 public:
  explicit CheckpointPace(std::optional<int> every) : every_(every) {}

  void on_pass(std::int64_t padded_px) { worked_px_ = padded_px; }
  void on_step(double seconds_since_start);
  [[nodiscard]] bool is_due() const;
  /// Call after saving, successful or not; `took_seconds` is the time that it took.
  void on_saved(double took_seconds);

 private:
  std::optional<int> every_;
  int steps_ = 0;
  std::optional<double> last_seconds_;
  double seconds_ = 0.0;
  std::int64_t worked_px_ = 0;
  std::optional<double> measured_seconds_per_px_;
};

class CheckpointWriter : public Observer {
 public:
  /// Writes to the state path of `output_path`. `fingerprint` identifies the work
  /// (save_checkpoint); called once, for the first checkpoint. A checkpoint that would use the disk
  /// space reserved for the result is skipped, with one warning to `messages`.
  CheckpointWriter(Observer& messages, const std::string& output_path, Fingerprint fingerprint,
                   std::optional<int> every, DiskReserve reserve);

  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  bool wants_checkpoint(bool is_stopping) override;
  void on_checkpoint(const Checkpoint& checkpoint) override;

 private:
  Observer& messages_;
  std::string path_;
  Fingerprint fingerprint_of_;
  std::string fingerprint_;
  DiskReserve reserve_;
  CheckpointPace pace_;
  bool reported_problem_ = false;
};

}  // namespace styletransfer::cli
