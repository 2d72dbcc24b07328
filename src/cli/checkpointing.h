// Saves the state of a run while it goes on, and when it is stopped.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/disk_reserve.h"
#include "cli/run_binding.h"
#include "detail/forwarding_observer.h"

namespace styletransfer::cli {

/// "out.png.state".
[[nodiscard]] std::string state_path_of(const std::string& output_path);
/// The run is done: its state goes, if there is one.
void remove_state(const std::string& output_path);

/// How often. With `every` unset: when a hundred times as long has passed as saving takes, and half
/// a minute at least.
class CheckpointPace {
 public:
  explicit CheckpointPace(std::optional<int> every) : every_(every) {}

  void on_pass(std::int64_t worked_px) { worked_px_ = worked_px; }
  void on_step(double seconds_since_start);
  [[nodiscard]] bool is_due() const;
  /// A state has been saved, or could not be; it took so long.
  void on_saved(double took_seconds);

 private:
  std::optional<int> every_;
  int steps_ = 0;
  std::optional<double> last_seconds_;
  double seconds_ = 0.0;
  std::int64_t worked_px_ = 0;
  std::optional<double> measured_seconds_per_px_;
};

class Checkpointing : public detail::ForwardingObserver {
 public:
  /// binding: tells what the state belongs to (save_run_state); asked once, for the first state.
  /// A state that would take the room of the result is not saved, with one warning.
  Checkpointing(Observer& next, std::string path, Binding binding, std::optional<int> every,
                DiskReserve reserve);

  void on_pass_started(const PassStarted& pass) override;
  Continue on_step_finished(const StepFinished& step) override;
  bool wants_state() override;
  void on_state(const RunState& state) override;

 private:
  std::string path_;
  Binding binding_of_;
  std::string binding_;
  DiskReserve reserve_;
  CheckpointPace pace_;
  bool is_stopping_ = false;
  bool told_trouble_ = false;
};

}  // namespace styletransfer::cli
