// Plateau detection: ends a pass that no longer improves.
#pragma once

#include <vector>

#include "styletransfer/stopping.h"

namespace styletransfer::detail {

/// Compares the best loss of a pass with the best loss one window of steps earlier.
class Plateau {
 public:
  explicit Plateau(const StoppingOptions& options) : options_(options) {}

  /// Adds the next step's loss. Returns true when the pass should end; never before a whole window.
  [[nodiscard]] bool is_reached_with(double loss);

  /// The best losses within the window, oldest first: the complete state.
  [[nodiscard]] const std::vector<double>& best_losses() const { return best_losses_; }
  /// Starts a new pass, or resumes one with these best_losses().
  void restart(std::vector<double> best_losses = {});

 private:
  StoppingOptions options_;
  std::vector<double> best_losses_;
};

}  // namespace styletransfer::detail
