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

/// How far to go along a direction.
struct StepLength {
  at::Tensor squared_length;  // of the direction, no dimensions
  double bound;
  /// As long as the bound; else no longer.
  bool always_as_long;
};

/// 2m vectors of n elements: the step of pair `slot` in row `slot`, the preconditioner times the
/// change of the gradient in row m + slot. Nothing here waits for a device.
class History {
 public:
  /// like: a vector of the variable's size, dtype and device. in_bfloat16: float32 vectors on the
  /// CPU are kept in bfloat16: half the memory and time, and no loss that shows (a pair is an
  /// estimate of curvature). A device would have to copy them all for each product.
  History(int pairs, const at::Tensor& like, bool in_bfloat16);
  /// Takes over the rows() of another, which may have been on another device.
  History(const at::Tensor& rows, const at::Tensor& like);

  /// [2m, n], as kept.
  [[nodiscard]] const at::Tensor& rows() const { return rows_; }

  /// x += factor * direction, remembered as the step of `slot`; the factor is what `length` asks
  /// for.
  void take_step(int slot, const at::Tensor& direction, const StepLength& length, at::Tensor& x);

  /// Remembers P y = now.preconditioned - before.preconditioned and multiplies everything in use
  /// with s, y = now.gradient - before.gradient, and the gradient. in_use: the slots that count,
  /// `slot` among them. Returns the numbers that products() is made of.
  [[nodiscard]] at::Tensor remember_change(int slot, const Slope& now, const Slope& before,
                                           const std::vector<int>& in_use);
  /// numbers: the elements of what remember_change returned; rows of slots that are not in use give
  /// 0.
  [[nodiscard]] HistoryProducts products(const std::vector<double>& numbers,
                                         const std::vector<int>& in_use) const;

  /// result = sum of weights[row] * row + slope_weight * preconditioned. Returns its squared
  /// length, a tensor of no dimensions.
  [[nodiscard]] at::Tensor combine(const std::vector<double>& weights, double slope_weight,
                                   const at::Tensor& preconditioned, at::Tensor& result) const;

  /// No row counts any more, whatever is in it: numbers that are not finite, perhaps.
  void forget();

 private:
  int pairs_;
  at::Tensor rows_;  // [2m, n]
};

}  // namespace styletransfer::detail
