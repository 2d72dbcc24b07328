// Layer 1: what ends a run, or a pass of it, before its steps are done.
#pragma once

namespace styletransfer {

struct StoppingOptions {
  /// Seconds that a run may take; 0: as long as it needs. Every pass gets the same part of its
  /// steps (TimeShare), so the last one is always reached.
  double time_limit_seconds = 0.0;
  /// A pass ends when its best loss has become less than `plateau_percent` better within
  /// `plateau_window` steps; the next pass begins.
  bool on_plateau = false;
  double plateau_percent = 1.0;
  int plateau_window = 10;

  /// Throws UsageError naming flag, value and range.
  void validate() const;
};

}  // namespace styletransfer
