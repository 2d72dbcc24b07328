#include "cli/report/loss_curve.h"

namespace styletransfer::cli {

bool LossCurve::is_off_stride(const CurvePoint& point) const {
  return point.iteration != 1 && point.iteration % every_ != 0;
}

void LossCurve::add(const StepFinished& step) {
  if (passes_.empty() || passes_.back().pass_index != step.pass_index) {
    PassCurve pass;
    pass.pass_index = step.pass_index;
    for (const LossTerm& term : step.terms) pass.terms.push_back(term.name);
    passes_.push_back(std::move(pass));
  }
  PassCurve& pass = passes_.back();
  CurvePoint point{step.iteration, step.seconds_since_start, step.loss, {}};
  for (const LossTerm& term : step.terms) point.values.push_back(term.value);
  // The previous point was stored only because it was the last.
  if (!pass.points.empty() && is_off_stride(pass.points.back())) {
    pass.points.back() = std::move(point);
    return;
  }
  pass.points.push_back(std::move(point));
  ++points_;
  if (points_ > max_points_) thin_out();
}

void LossCurve::thin_out() {
  every_ *= 2;
  points_ = 0;
  for (PassCurve& pass : passes_) {
    std::vector<CurvePoint> kept;
    for (std::size_t i = 0; i < pass.points.size(); ++i) {
      const bool is_last = i + 1 == pass.points.size();
      if (is_last || !is_off_stride(pass.points[i])) kept.push_back(std::move(pass.points[i]));
    }
    pass.points = std::move(kept);
    points_ += pass.points.size();
  }
}

}  // namespace styletransfer::cli
