// The L-BFGS history: vectors of previous steps, and the two passes over them that a step costs.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace styletransfer::detail {

/// Inner products of every history vector with three others.
struct HistoryProducts {
  std::vector<double> with_s;
  std::vector<double> with_y;
  std::vector<double> with_gradient;
};

/// A gradient [n] and the preconditioner times it (the gradient itself if there is none).
struct SearchGradient {
  at::Tensor gradient;
  at::Tensor preconditioned;
};

/// Length of a step along a direction.
struct StepLength {
  at::Tensor squared_length;  // of the direction; zero-dimensional
  double bound;
  /// True: scale the step to exactly the bound. False: only limit it to the bound.
  bool always_as_long;
};

/// 2m vectors of n elements: row `slot` holds the step of the pair in that slot, row m + slot the
/// preconditioner times the change of the gradient. Nothing here synchronizes with the device.
class History {
 public:
  /// `like`: a vector of the variable's size, dtype and device. `in_bfloat16`: stores float32
  /// vectors on the CPU in bfloat16, which halves memory and time without visible loss (a pair is
  /// only an estimate of curvature). Not used on a GPU, which would have to convert all of them for
  /// each product.
  History(int pairs, const at::Tensor& like, bool in_bfloat16);
  /// Takes over the rows() of another history, which may have been on another device.
  History(const at::Tensor& rows, const at::Tensor& like);

  /// [2m, n], in the storage type.
  [[nodiscard]] const at::Tensor& rows() const { return rows_; }

  /// x += factor * direction, stored as the step of `slot`; the factor follows from `length`.
  void take_step(int slot, const at::Tensor& direction, const StepLength& length, at::Tensor& x);

  /// Stores P y = now.preconditioned - before.preconditioned and multiplies every row in use by s,
  /// y = now.gradient - before.gradient, and the gradient. in_use: the slots that count, including
  /// `slot`. Returns the numbers that products() takes.
  [[nodiscard]] at::Tensor remember_change(int slot, const SearchGradient& now,
                                           const SearchGradient& before,
                                           const std::vector<int>& in_use);
  /// numbers: the elements of the tensor returned by remember_change; rows of slots that are not in
  /// use give 0.
  [[nodiscard]] HistoryProducts products(const std::vector<double>& numbers,
                                         const std::vector<int>& in_use) const;

  /// result = sum of weights[row] * row + gradient_weight * preconditioned. Returns its squared
  /// length, a zero-dimensional tensor.
  [[nodiscard]] at::Tensor combine(const std::vector<double>& weights, double gradient_weight,
                                   const at::Tensor& preconditioned, at::Tensor& result) const;

  /// Discards all rows, which may contain non-finite values.
  void forget();

 private:
  int pairs_;
  at::Tensor rows_;  // [2m, n]
};

}  // namespace styletransfer::detail
