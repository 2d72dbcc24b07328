#include "optim/plateau.h"

#include <algorithm>
#include <utility>

namespace styletransfer::detail {

bool Plateau::is_reached_with(double loss) {
  if (!options_.on_plateau) return false;
  best_losses_.push_back(best_losses_.empty() ? loss : std::min(loss, best_losses_.back()));
  if (best_losses_.size() <= static_cast<std::size_t>(options_.plateau_window)) return false;
  const double then = best_losses_.front();
  best_losses_.erase(best_losses_.begin());
  return best_losses_.back() > then * (1.0 - options_.plateau_percent / 100.0);
}

void Plateau::restart(std::vector<double> best_losses) { best_losses_ = std::move(best_losses); }

}  // namespace styletransfer::detail

namespace styletransfer {

void StoppingOptions::validate() const {
  require_within("time_limit", time_limit_seconds, kTimeLimit);
  require_within("plateau_threshold", plateau_percent, kPlateauPercent);
  require_within("plateau_window", plateau_window, kPlateauWindow);
}

}  // namespace styletransfer
