#include "optim/two_loop.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace styletransfer::detail {

PairProducts::PairProducts(int history)
    : history_(history), products_(static_cast<size_t>(rows()) * static_cast<size_t>(rows())) {}

double& PairProducts::at(int row, int column) {
  return products_[static_cast<size_t>(row) * static_cast<size_t>(rows()) +
                   static_cast<size_t>(column)];
}
double PairProducts::at(int row, int column) const {
  return products_[static_cast<size_t>(row) * static_cast<size_t>(rows()) +
                   static_cast<size_t>(column)];
}

void PairProducts::restore(std::vector<int> slots, std::vector<double> products) {
  order_ = std::move(slots);
  products_ = std::move(products);
}

int PairProducts::claim_slot() {
  if (static_cast<int>(order_.size()) == history_) {
    const int slot = order_.front();
    order_.erase(order_.begin());
    return slot;
  }
  int slot = 0;
  while (std::find(order_.begin(), order_.end(), slot) != order_.end()) ++slot;
  return slot;
}

void PairProducts::insert(int slot, const std::vector<double>& with_s,
                          const std::vector<double>& with_y, double min_curvature) {
  const int y_row = history_ + slot;
  const double ss = with_s[static_cast<size_t>(slot)];
  const double sy = with_y[static_cast<size_t>(slot)];
  const double yy = with_y[static_cast<size_t>(y_row)];
  if (!(sy > min_curvature * std::sqrt(ss * yy))) return;
  for (int row = 0; row < rows(); ++row) {
    at(row, slot) = at(slot, row) = with_s[static_cast<size_t>(row)];
  }
  for (int row = 0; row < rows(); ++row) {
    at(row, y_row) = at(y_row, row) = with_y[static_cast<size_t>(row)];
  }
  order_.push_back(slot);
}

Coefficients PairProducts::direction(const std::vector<double>& with_gradient,
                                     double initial_scale) const {
  Coefficients result{std::vector<double>(static_cast<size_t>(rows()), 0.0), -1.0};
  const auto coefficient = [&](int row) -> double& {
    return result.of_basis[static_cast<size_t>(row)];
  };
  // Inner product of a basis row with the vector accumulated so far.
  const auto product = [&](int row) {
    double sum = result.of_gradient * with_gradient[static_cast<size_t>(row)];
    for (const int slot : order_) {
      sum += coefficient(slot) * at(row, slot) +
             coefficient(history_ + slot) * at(row, history_ + slot);
    }
    return sum;
  };
  std::vector<double> alpha(static_cast<size_t>(history_), 0.0);
  for (auto slot = order_.rbegin(); slot != order_.rend(); ++slot) {
    double& a = alpha[static_cast<size_t>(*slot)];
    a = product(*slot) / at(*slot, history_ + *slot);
    coefficient(history_ + *slot) -= a;
  }
  const int newest = order_.back();
  const double scale =
      initial_scale * at(newest, history_ + newest) / at(history_ + newest, history_ + newest);
  for (double& value : result.of_basis) value *= scale;
  result.of_gradient *= scale;
  for (const int slot : order_) {
    const double beta = product(history_ + slot) / at(slot, history_ + slot);
    coefficient(slot) += alpha[static_cast<size_t>(slot)] - beta;
  }
  return result;
}

}  // namespace styletransfer::detail
