// Division of a time limit among the passes of a run.
#pragma once

#include <cstddef>
#include <vector>

namespace styletransfer::detail {

/// Gives each pass the fraction of the remaining time that equals its fraction of the remaining
/// cost. With half the time that the whole run would need, every pass thus makes about half of its
/// iterations, and time that a pass does not use goes to those after it.
class TimeShare {
 public:
  /// limit_seconds: 0 for none. pass_costs: relative, one per pass, in order.
  TimeShare(double limit_seconds, std::vector<double> pass_costs);

  /// Starts a pass, `seconds` into the run; `done`: the fraction of its iterations that is already
  /// done (0..1).
  void begin_pass(std::size_t index, double seconds, double done = 0.0);

  /// Called after every iteration of the pass; returns true if another one would end too late.
  [[nodiscard]] bool is_up(double seconds);

 private:
  double limit_seconds_;
  std::vector<double> pass_costs_;
  double deadline_ = 0.0;
  double last_step_seconds_ = 0.0;  // end of the last iteration
  bool has_step_ = false;
};

}  // namespace styletransfer::detail
