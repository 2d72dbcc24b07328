// Checkpoint of a run: its state between two iterations, and the file format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/pass.h"
#include "styletransfer/image.h"
#include "styletransfer/pass_report.h"

namespace styletransfer {

/// State of a run between two iterations; complete enough to resume as if it had never stopped.
struct RunState {
  /// The current pass, from 0.
  int pass_index = 0;
  PassState pass;
  /// The pass's iterations are done or a stopping rule has ended it.
  bool pass_is_over = false;
  PassEnding pass_ending = PassEnding::kAllSteps;
  /// Best losses of the pass's latest iterations (--stop-on-plateau).
  std::vector<double> best_losses;
  /// The last finished pass's image; null in the first pass.
  std::shared_ptr<const Image> image;
  std::vector<PassReport> finished_passes;
  /// Time spent, including the runs resumed by this one: in total, and on the current pass.
  double seconds = 0.0;
  double pass_seconds = 0.0;
  /// The memory limit that the passes were planned with: another plan gives different rounding.
  std::int64_t memory_limit_bytes = 0;
};

/// Writes the state and `fingerprint`, a fingerprint of the job that the state belongs to, into one
/// file: safetensors whose last tensor holds the SHA-256 of every byte before it. Writes a
/// temporary file, tensor by tensor without a second copy in memory, and renames it. Throws
/// RunError (disk).
void save_run_state(const RunState& state, const std::string& fingerprint, const std::string& path);

/// Returns the approximate size of the file that save_run_state makes: the bytes of its tensors and
/// a little for its text.
[[nodiscard]] std::uint64_t state_file_bytes(const RunState& state);

struct SavedRun {
  RunState state;
  std::string fingerprint;
};

/// Reads the file back, with every tensor on the CPU. Throws UsageError when it is missing,
/// damaged, or not a checkpoint of this program.
[[nodiscard]] SavedRun load_run_state(const std::string& path);

}  // namespace styletransfer
