// State of a run between two iterations, and its form as a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/pass.h"
#include "styletransfer/checkpoint.h"
#include "styletransfer/image.h"
#include "styletransfer/run_report.h"

namespace styletransfer::detail {

/// Complete enough to resume as if the run had never stopped.
struct RunState {
  /// The current pass, from 0.
  int pass_index = 0;
  PassState pass;
  /// The pass's iterations are done or a stopping rule has ended it.
  bool pass_is_over = false;
  StopReason pass_stop_reason = StopReason::kFinished;
  /// Best losses of the pass's latest iterations (StoppingOptions::on_plateau).
  std::vector<double> best_losses;
  /// The last finished pass's image; null in the first pass.
  std::shared_ptr<const Image> image;
  std::vector<PassReport> finished_passes;
  /// Time spent, including the runs resumed by this one: in total, and on the current pass.
  double seconds = 0.0;
  double pass_seconds = 0.0;
  /// The memory that was left when the passes were planned: another plan gives different rounding.
  std::int64_t memory_left_bytes = 0;
};

/// The checkpoint shares the state's memory and is valid as long as the state.
[[nodiscard]] Checkpoint checkpoint_of(const RunState& state);

/// Takes the checkpoint's tensors over. Throws UsageError for one that is no run's.
[[nodiscard]] RunState run_state_of(Checkpoint checkpoint);

/// Bytes of the state's search tensors.
[[nodiscard]] std::int64_t tensor_bytes(const RunState& state);

}  // namespace styletransfer::detail
