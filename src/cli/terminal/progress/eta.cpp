#include "cli/terminal/progress/eta.h"

#include <algorithm>

#include "engine/step_cost.h"

namespace styletransfer::cli {
namespace {

/// Content and style targets take a forward pass each, and the first iteration warms up.
constexpr double kPreparationSteps = 2.0;
/// An estimate for a size has the weight of this many timed iterations: the first ones vary.
constexpr double kEstimatedSteps = 5.0;

}  // namespace

void EtaEstimator::on_schedule(const std::vector<PassStarted>& passes) {
  *this = {};
  for (const PassStarted& pass : passes) passes_.push_back({pass});
}

void EtaEstimator::on_step(int pass_index, int iteration, double seconds) {
  const auto index = static_cast<std::size_t>(pass_index);
  if (index >= passes_.size()) return;
  TimedPass& pass = passes_[index];
  if (pass_index != current_) {
    if (has_last_ && iteration == 1) pass.preparation_seconds = seconds - last_seconds_;
  } else {
    // A rejected iteration is not reported but takes as long.
    pass.timed_steps += std::max(1, iteration - pass.done_steps);
    pass.timed_seconds += seconds - last_seconds_;
  }
  pass.done_steps = iteration;
  current_ = pass_index;
  last_seconds_ = seconds;
  has_last_ = true;
}

double EtaEstimator::steps_per_second() const {
  if (current_ < 0) return 0.0;
  const TimedPass& pass = passes_[static_cast<std::size_t>(current_)];
  return pass.timed_seconds > 0.0 ? pass.timed_steps / pass.timed_seconds : 0.0;
}

std::vector<EtaEstimator::Rate> EtaEstimator::measured() const {
  std::vector<Rate> rates;
  for (const TimedPass& pass : passes_) {
    if (pass.timed_steps == 0 || pass.timed_seconds <= 0.0) continue;
    const auto padded_px = static_cast<double>(pass.plan.padded_px);
    const auto same = std::find_if(rates.begin(), rates.end(),
                                   [&](const Rate& rate) { return rate.padded_px == padded_px; });
    double seconds = pass.step_seconds();
    if (!rates.empty()) {
      const double estimated = same != rates.end() ? same->seconds : expected(rates, padded_px);
      seconds =
          (pass.timed_seconds + kEstimatedSteps * estimated) / (pass.timed_steps + kEstimatedSteps);
    }
    // For passes of the same size the latest counts: the machine may have become busier.
    if (same != rates.end()) {
      same->seconds = seconds;
      continue;
    }
    const auto larger = std::find_if(rates.begin(), rates.end(),
                                     [&](const Rate& rate) { return rate.padded_px > padded_px; });
    rates.insert(larger, {padded_px, seconds});
  }
  return rates;
}

double EtaEstimator::expected(const std::vector<Rate>& rates, double padded_px) {
  const Rate& largest = rates.back();
  auto fixed_px = static_cast<double>(kFixedPixels);
  if (rates.size() > 1) {
    const Rate& next = rates[rates.size() - 2];
    const double slope = (largest.seconds - next.seconds) / (largest.padded_px - next.padded_px);
    const double fixed_seconds = largest.seconds - slope * largest.padded_px;
    // Clamped between proportional to pixels and constant.
    if (slope <= 0.0) return largest.seconds;
    fixed_px = std::max(0.0, fixed_seconds / slope);
  }
  return largest.seconds * (padded_px + fixed_px) / (largest.padded_px + fixed_px);
}

double EtaEstimator::preparation_steps() const {
  double steps = 0.0;
  int known = 0;
  for (const TimedPass& pass : passes_) {
    if (pass.preparation_seconds <= 0.0 || pass.timed_steps == 0) continue;
    steps += pass.preparation_seconds / pass.step_seconds();
    ++known;
  }
  return known > 0 ? steps / known : kPreparationSteps;
}

double EtaEstimator::left() const {
  if (current_ < 0) return -1.0;
  const std::vector<Rate> rates = measured();
  if (rates.empty()) return -1.0;
  const auto current = static_cast<std::size_t>(current_);
  double left = 0.0;
  for (std::size_t i = current; i < passes_.size(); ++i) {
    const TimedPass& pass = passes_[i];
    const auto padded_px = static_cast<double>(pass.plan.padded_px);
    const auto known = std::find_if(rates.begin(), rates.end(),
                                    [&](const Rate& rate) { return rate.padded_px == padded_px; });
    const double step = known != rates.end() ? known->seconds : expected(rates, padded_px);
    const int steps = pass.plan.iterations - pass.done_steps;
    // The first iteration of a pass is part of its preparation.
    left += step * (i == current || steps == 0 ? steps : steps - 1 + preparation_steps());
  }
  return left;
}

}  // namespace styletransfer::cli
