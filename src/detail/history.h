// The vectors L-BFGS remembers, and the two passes over them that a step costs.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace styletransfer::detail {

/// Inner products of every remembered vector with three others.
struct HistoryProducts {
  std::vector<double> with_s;
  std::vector<double> with_y;
  std::vector<double> with_gradient;
};

/// A gradient [n] and the preconditioner times it (the gradient itself where there is none).
struct Slope {
  at::Tensor gradient;
  at::Tensor preconditioned;
};

/// 2m vectors of n elements: the step of pair `slot` in row `slot`, the preconditioner times the
/// change of the gradient in row m + slot. Kept in bfloat16 on request: half the memory and time,
/// and no loss that shows (a pair is an estimate of curvature).
class History {
 public:
  /// like: a vector of the variable's size, dtype and device.
  History(int pairs, const at::Tensor& like, c10::ScalarType storage);
  /// Takes over the rows() of another.
  explicit History(at::Tensor rows);

  /// [2m, n], as kept.
  [[nodiscard]] const at::Tensor& rows() const { return rows_; }

  /// x += factor * direction, remembered as the step of `slot`.
  void take_step(int slot, const at::Tensor& direction, double factor, at::Tensor& x);

  /// Remembers P y = now.preconditioned - before.preconditioned and multiplies everything in use
  /// with s, y = now.gradient - before.gradient, and the gradient. in_use: the slots that count,
  /// `slot` among them; rows of others give 0.
  [[nodiscard]] HistoryProducts remember_change(int slot, const Slope& now, const Slope& before,
                                                const std::vector<int>& in_use);

  /// result = sum of weights[row] * row + slope_weight * preconditioned. Returns its squared
  /// length.
  [[nodiscard]] double combine(const std::vector<double>& weights, double slope_weight,
                               const at::Tensor& preconditioned, at::Tensor& result) const;

 private:
  int pairs_;
  at::Tensor rows_;  // [2m, n]
};

}  // namespace styletransfer::detail
