#include "detail/two_loop.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace styletransfer::detail {

PairProducts::PairProducts(int history)
    : history_(history), products_(at::zeros({2L * history, 2L * history}, at::kDouble)) {}

int PairProducts::next_slot() const {
  if (static_cast<int>(order_.size()) == history_) return order_.front();
  for (int slot = 0;; ++slot) {
    if (std::find(order_.begin(), order_.end(), slot) == order_.end()) return slot;
  }
}

void PairProducts::insert(int slot, const at::Tensor& products, double least_curvature) {
  if (!order_.empty() && order_.front() == slot) order_.erase(order_.begin());
  const auto with = products.accessor<double, 2>();
  const double ss = with[slot][0];
  const double sy = with[slot][1];
  const double yy = with[history_ + slot][1];
  if (!(sy > least_curvature * std::sqrt(ss * yy))) return;
  auto all = products_.accessor<double, 2>();
  for (int row = 0; row < 2 * history_; ++row) {
    all[row][slot] = all[slot][row] = with[row][0];
    all[row][history_ + slot] = all[history_ + slot][row] = with[row][1];
  }
  order_.push_back(slot);
}

Coefficients PairProducts::direction(const at::Tensor& gradient_products) const {
  const int m = history_;
  const auto all = products_.accessor<double, 2>();
  const auto with_gradient = gradient_products.accessor<double, 1>();
  std::vector<double> coefficient(static_cast<size_t>(2 * m), 0.0);
  double of_gradient = -1.0;
  // Inner product of basis row `row` with the vector built so far.
  const auto product = [&](int row) {
    double sum = of_gradient * with_gradient[row];
    for (const int slot : order_) {
      sum += coefficient[static_cast<size_t>(slot)] * all[row][slot] +
             coefficient[static_cast<size_t>(m + slot)] * all[row][m + slot];
    }
    return sum;
  };
  std::vector<double> alpha(static_cast<size_t>(m), 0.0);
  for (auto slot = order_.rbegin(); slot != order_.rend(); ++slot) {
    const auto index = static_cast<size_t>(*slot);
    alpha[index] = product(*slot) / all[*slot][m + *slot];
    coefficient[index + static_cast<size_t>(m)] -= alpha[index];
  }
  const int newest = order_.back();
  const double scale = all[newest][m + newest] / all[m + newest][m + newest];
  for (double& value : coefficient) value *= scale;
  of_gradient *= scale;
  for (const int slot : order_) {
    const double beta = product(m + slot) / all[slot][m + slot];
    coefficient[static_cast<size_t>(slot)] += alpha[static_cast<size_t>(slot)] - beta;
  }
  return {at::tensor(coefficient, at::kDouble), of_gradient};
}

}  // namespace styletransfer::detail
