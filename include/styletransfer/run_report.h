// The one report of a run: what went in, where it ran, what each pass did, and why it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/memory_estimate.h"
#include "styletransfer/progress.h"
#include "styletransfer/schedule.h"
#include "styletransfer/stop_reason.h"

namespace styletransfer {

/// A finished pass. last_loss and last_terms belong to the pass's best image.
struct PassReport {
  Pass pass;
  StopReason stop_reason = StopReason::kFinished;
  int evaluations = 0;
  double first_loss = 0.0;
  double last_loss = 0.0;
  std::vector<LossTerm> last_terms;
  double seconds = 0.0;
  /// Estimated memory, and how the pass was made to fit.
  MemoryEstimate memory;
  std::string plan;
  /// On a GPU: peak total size of the pass's tensors. 0: on the CPU, or LibTorch cannot say.
  std::int64_t device_peak_bytes = 0;
};

/// SHA-256 of every file that a run reads; filled by whoever opens the files.
struct InputHashes {
  std::string content;
  std::vector<std::string> styles;
  /// Content, style, untouched and content weight masks, in this order; empty without masks.
  std::vector<std::string> masks;
  /// Start image, or the network that makes it; empty without.
  std::string init;
  /// VGG file; empty when no pass needs it.
  std::string network;
};

struct Runtime;

/// Where a run computes.
struct MachineReport {
  /// "cpu (AVX-512, bf16 units)"; empty when nothing was computed on a device.
  std::string device;
  int threads = 0;
  /// "float32", "int16" or "bfloat16".
  std::string precision;
};
[[nodiscard]] MachineReport machine_report(const Runtime& runtime);

struct RunReport {
  InputHashes inputs;
  /// Origin of the VGG weights, as recorded in their file; empty when no pass needs them.
  std::string network_source;
  MachineReport machine;
  /// Finished passes.
  std::vector<PassReport> passes;
  /// Nothing while it runs.
  std::optional<StopReason> stop_reason;
  /// For the image of an intermediate step: iterations done, over all passes.
  std::optional<int> snapshot_of_step;
  /// The error of a run that failed; its stop_reason stays unset.
  std::string failure;
  /// Whole run so far, and its parts.
  double seconds = 0.0;
  double reading_seconds = 0.0;
  double optimizing_seconds = 0.0;
  double writing_seconds = 0.0;
};

}  // namespace styletransfer
