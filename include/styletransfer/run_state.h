// Layer 7: where a run stands, and the file that keeps it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "styletransfer/image.h"
#include "styletransfer/pass.h"
#include "styletransfer/pass_report.h"

namespace styletransfer {

/// A run between two steps: enough to go on as if it had never stopped.
struct RunState {
  /// The pass under way, from 0.
  int pass_index = 0;
  PassState pass;
  /// A stopping rule has ended it, or its steps are done.
  bool pass_is_over = false;
  PassEnding pass_ending = PassEnding::kAllSteps;
  /// Best losses of the pass's latest steps (--stop-on-plateau).
  std::vector<double> best_losses;
  /// The last finished pass's picture; null in the first pass.
  std::shared_ptr<const Image> picture;
  std::vector<PassReport> finished_passes;
  /// Time spent, that of the runs before this one included: in all, and on the pass under way.
  double seconds = 0.0;
  double pass_seconds = 0.0;
  /// The memory that the passes were planned with: another plan gives other roundings.
  std::int64_t memory_limit_bytes = 0;
};

/// Writes the state and `binding`, a text that tells what the state belongs to, into one file:
/// safetensors whose last tensor holds the SHA-256 of every byte before it. Written beside and
/// renamed, tensor by tensor, without a second copy in memory. Throws RunError (disk).
void save_run_state(const RunState& state, const std::string& binding, const std::string& path);

/// Nearly the size of the file that save_run_state makes: the bytes of its tensors and a little for
/// its text.
[[nodiscard]] std::uint64_t state_file_bytes(const RunState& state);

struct SavedRun {
  RunState state;
  std::string binding;
};

/// Reads the file back, every tensor on the CPU. Throws UsageError when it is missing, damaged, or
/// of another form than this program's.
[[nodiscard]] SavedRun load_run_state(const std::string& path);

}  // namespace styletransfer
