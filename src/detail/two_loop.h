// The two-loop recursion of L-BFGS on coefficients: vectors are known only by their inner products.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace styletransfer::detail {

/// direction = sum of_basis[i] * basis row i + of_gradient * gradient.
struct Coefficients {
  at::Tensor of_basis;  // [2m] float64
  double of_gradient = 0.0;
};

/// Inner products of the curvature pairs (s, y) held in the rows of a basis [2m, n]: s in row
/// `slot`, y in row m + slot.
class PairProducts {
 public:
  explicit PairProducts(int history);

  /// Where the next pair goes (the oldest one's place when full).
  [[nodiscard]] int next_slot() const;

  /// products: [2m, 3] float64, basis times (s, y, gradient) of the pair now in `slot`. The pair is
  /// dropped (its slot stays free) unless s.y > least_curvature * |s| |y|.
  void insert(int slot, const at::Tensor& products, double least_curvature);

  /// The quasi-Newton direction. gradient_products: [2m] float64, basis times gradient.
  [[nodiscard]] Coefficients direction(const at::Tensor& gradient_products) const;

  [[nodiscard]] size_t size() const { return order_.size(); }
  void clear() { order_.clear(); }

 private:
  int history_;
  std::vector<int> order_;  // slots in use, oldest first
  at::Tensor products_;     // [2m, 2m] float64
};

}  // namespace styletransfer::detail
