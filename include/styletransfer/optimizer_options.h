// Options of the optimizers, L-BFGS and Adam.
#pragma once

#include "styletransfer/bounds.h"

namespace styletransfer {

enum class OptimizerKind { kLbfgs, kAdam };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kLbfgs;
  /// L-BFGS: number of curvature pairs in the history; each costs two vectors of the variable's
  /// size.
  int history = 20;
  static constexpr Bounds<int> kHistory{1, 200, "pairs"};
  /// L-BFGS: store the history in bfloat16, which halves its memory and time.
  bool history_bfloat16 = true;
  /// L-BFGS: the initial Hessian approximation is the newest pair's s.y / y.y times this. s.y / y.y
  /// is the smallest of the scales that fit a pair, and too small for losses of images.
  double initial_scale = 1.5;
  /// L-BFGS: root mean square of the very first step, before any curvature is known.
  double first_step = 0.2;
  /// L-BFGS: largest root mean square of any later step. A curvature model that asks for more is
  /// not trusted that far.
  double longest_step = 1.0;
  /// Adam: learning rate.
  double learning_rate = 0.15;
  static constexpr Bounds<double> kLearningRate{1e-6, 10.0};

  /// Throws OptionError.
  void validate() const;
};

}  // namespace styletransfer
