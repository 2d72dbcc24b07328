// Rules that end a run, or one of its passes, early.
#pragma once

#include "styletransfer/bounds.h"

namespace styletransfer {

/// Time limit and plateau rule; both are off by default.
struct StoppingOptions {
  /// Time limit of a run in seconds; 0: none. Every pass gets the same fraction of its iterations
  /// (TimeShare), so the last one is always reached.
  double time_limit_seconds = 0.0;
  static constexpr Bounds<double> kTimeLimit{0.0};
  /// Ends a pass when its best loss has improved by less than `plateau_percent` within
  /// `plateau_window` iterations; the next pass begins.
  bool on_plateau = false;
  double plateau_percent = 1.0;
  static constexpr Bounds<double> kPlateauPercent{0.001, 99.0};
  int plateau_window = 10;
  static constexpr Bounds<int> kPlateauWindow{1};

  /// Throws OptionError.
  void validate() const;
};

}  // namespace styletransfer
