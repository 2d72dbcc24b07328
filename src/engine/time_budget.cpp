#include "engine/time_budget.h"

#include <numeric>
#include <utility>

namespace styletransfer::detail {

TimeShare::TimeShare(double limit_seconds, std::vector<double> pass_costs)
    : limit_seconds_(limit_seconds), pass_costs_(std::move(pass_costs)) {}

void TimeShare::begin_pass(std::size_t index, double seconds, double done) {
  const double cost = pass_costs_.at(index) * (1.0 - done);
  const auto next = pass_costs_.begin() + static_cast<std::ptrdiff_t>(index) + 1;
  const double cost_left = std::accumulate(next, pass_costs_.end(), cost);
  const double share = cost_left > 0.0 ? cost / cost_left : 1.0;
  deadline_ = seconds + (limit_seconds_ - seconds) * share;
  has_step_ = false;
}

bool TimeShare::is_up(double seconds) {
  if (limit_seconds_ <= 0.0) return false;
  // A pass's first iteration includes its preparation, so it is not used as an estimate.
  const double next_takes = has_step_ ? seconds - last_step_seconds_ : 0.0;
  has_step_ = true;
  last_step_seconds_ = seconds;
  return seconds + next_takes > deadline_;
}

}  // namespace styletransfer::detail
