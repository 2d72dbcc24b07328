// The losses of a run over its steps, in bounded memory.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/progress.h"

namespace styletransfer::cli {

struct CurvePoint {
  /// From 1, within the pass.
  int iteration = 0;
  double seconds = 0.0;
  double loss = 0.0;
  /// As PassCurve::terms.
  std::vector<double> values;
};

struct PassCurve {
  int pass_index = 0;
  std::vector<std::string> terms;
  std::vector<CurvePoint> points;
};

/// Keeps every step until there are too many, then every second one, every fourth, and so on; the
/// first and the last step of each pass always.
class LossCurve {
 public:
  explicit LossCurve(std::size_t most_points = 1500) : most_points_(most_points) {}

  void add(const StepFinished& step);

  [[nodiscard]] const std::vector<PassCurve>& passes() const { return passes_; }
  /// 1: every step is there.
  [[nodiscard]] int every() const { return every_; }

 private:
  /// Whether a point may go, being neither kept by the rhythm nor an end of its pass.
  [[nodiscard]] bool is_off_rhythm(const CurvePoint& point) const;
  void thin_out();

  std::size_t most_points_;
  std::size_t points_ = 0;
  int every_ = 1;
  std::vector<PassCurve> passes_;
};

}  // namespace styletransfer::cli
