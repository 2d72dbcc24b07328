// When a pass no longer gets better.
#pragma once

#include <vector>

#include "styletransfer/stopping.h"

namespace styletransfer::detail {

/// Compares the best loss of a pass with what it was a window of steps ago.
class Plateau {
 public:
  explicit Plateau(const StoppingOptions& options) : options_(options) {}

  /// Every step's loss in turn. True when the pass should end; never before a whole window.
  [[nodiscard]] bool is_reached_with(double loss);

  /// The best losses within the window, oldest first: all that is known here.
  [[nodiscard]] const std::vector<double>& best_losses() const { return best_losses_; }
  /// A new pass, or one that goes on from these best_losses().
  void restart(std::vector<double> best_losses = {});

 private:
  StoppingOptions options_;
  std::vector<double> best_losses_;
};

}  // namespace styletransfer::detail
