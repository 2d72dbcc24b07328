// L-BFGS two-loop recursion on coefficients; it sees vectors only through their inner products.
#pragma once

#include <cstddef>
#include <vector>

namespace styletransfer::detail {

/// A vector as a linear combination of the rows of a basis and the (preconditioned) gradient.
struct Coefficients {
  std::vector<double> of_basis;
  double of_gradient = 0.0;
};

/// Inner products of the curvature pairs in the rows of a basis of 2m vectors: the step s of a pair
/// in row `slot`, the preconditioner P times the change y of the gradient in row m + slot. (The
/// recursion multiplies y only with older steps and, through the initial matrix, with P y.)
class PairProducts {
 public:
  explicit PairProducts(int history);

  [[nodiscard]] int rows() const { return 2 * history_; }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

  /// Returns the quasi-Newton direction, as coefficients of the basis and of P times the gradient.
  /// with_gradient: the basis times the gradient. The initial matrix is P times initial_scale s.y /
  /// y.P y of the newest pair.
  [[nodiscard]] Coefficients direction(const std::vector<double>& with_gradient,
                                       double initial_scale) const;

  /// Returns a free slot for the next pair; evicts the oldest pair when all are taken.
  [[nodiscard]] int claim_slot();

  /// Adds the pair in `slot`. with_s, with_y: the basis times s and y, including the pair's own
  /// rows. The pair is rejected, and its slot stays free, unless s.y > min_curvature * |s| sqrt(y.P
  /// y).
  void insert(int slot, const std::vector<double>& with_s, const std::vector<double>& with_y,
              double min_curvature);

  /// Slots of the stored pairs, oldest first.
  [[nodiscard]] const std::vector<int>& slots() const { return order_; }

  void clear() { order_.clear(); }

  /// All inner products, row-major; together with slots(), the complete state.
  [[nodiscard]] const std::vector<double>& products() const { return products_; }
  /// Takes over slots() and products() of another instance of the same size.
  void restore(std::vector<int> slots, std::vector<double> products);

 private:
  [[nodiscard]] double& at(int row, int column);
  [[nodiscard]] double at(int row, int column) const;

  int history_;
  std::vector<int> order_;  // slots in use, oldest first
  std::vector<double> products_;
};

}  // namespace styletransfer::detail
