// Loss curves of a run, in bounded memory.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

struct CurvePoint {
  /// 1-based, within the pass.
  int iteration = 0;
  double seconds = 0.0;
  double loss = 0.0;
  /// In the order of PassCurve::terms.
  std::vector<double> values;
};

struct PassCurve {
  int pass_index = 0;
  std::vector<std::string> terms;
  std::vector<CurvePoint> points;
};

/// Stores every iteration until there are too many, then every second one, every fourth, and so on;
/// always the first and the last iteration of each pass.
class LossCurve {
 public:
  explicit LossCurve(std::size_t max_points = 1500) : max_points_(max_points) {}

  void add(const StepFinished& step);

  [[nodiscard]] const std::vector<PassCurve>& passes() const { return passes_; }
  /// Stride between stored iterations; 1: all of them.
  [[nodiscard]] int every() const { return every_; }

 private:
  /// True when a point may be dropped: it is neither on the stride nor an end of its pass.
  [[nodiscard]] bool is_off_stride(const CurvePoint& point) const;
  void thin_out();

  std::size_t max_points_;
  std::size_t points_ = 0;
  int every_ = 1;
  std::vector<PassCurve> passes_;
};

}  // namespace styletransfer::cli
