// How a time limit is shared between the passes of a run.
#pragma once

#include <cstddef>
#include <vector>

namespace styletransfer::detail {

/// Each pass gets that part of the time left which is its part of the cost left. So with half the
/// time that the whole run would take every pass makes about half of its steps, and what a pass
/// leaves over goes to those after it.
class TimeShare {
 public:
  /// limit_seconds: 0 for none. pass_costs: relative, one a pass, in order.
  TimeShare(double limit_seconds, std::vector<double> pass_costs);

  /// A pass begins, so many seconds into the run, or goes on with a part of its steps done (0..1).
  void begin_pass(std::size_t index, double seconds, double done = 0.0);

  /// After a step of the pass: whether another one would end too late.
  [[nodiscard]] bool is_up(double seconds);

 private:
  double limit_seconds_;
  std::vector<double> pass_costs_;
  double deadline_ = 0.0;
  double last_step_seconds_ = 0.0;  // when the last step ended
  bool has_step_ = false;
};

}  // namespace styletransfer::detail
