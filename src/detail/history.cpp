#include "detail/history.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <utility>

#include "detail/history_cpu.h"
#include "detail/pieces.h"

namespace styletransfer::detail {
namespace {

// Elements worked on at a time: a few vectors' worth stays in the first-level cache while every
// row streams past. Sums of pieces are added up in float64, in order: the same result for any
// number of threads.
constexpr int64_t kPiece = 2048;
constexpr int64_t kPiecesForAThread = 4;
// Elsewhere than on the CPU a piece bounds the copies that a product needs.
constexpr int64_t kDevicePiece = int64_t{1} << 22;

bool has_cpu_form(const at::Tensor& rows, const at::Tensor& vector) {
  return rows.is_cpu() && vector.scalar_type() == at::kFloat &&
         (rows.scalar_type() == at::kFloat || rows.scalar_type() == at::kBFloat16);
}

/// Row r of `rows` from element `first` on.
cpu::HistoryRow row_at(const at::Tensor& rows, int64_t row, int64_t first) {
  const int64_t offset = row * rows.size(1) + first;
  if (rows.scalar_type() == at::kFloat) return {rows.data_ptr<float>() + offset, nullptr};
  return {nullptr, reinterpret_cast<cpu::Bits*>(rows.data_ptr<at::BFloat16>()) + offset};
}

std::vector<cpu::HistoryRow> rows_at(const at::Tensor& rows, const std::vector<int64_t>& which,
                                     int64_t first) {
  std::vector<cpu::HistoryRow> pieces;
  pieces.reserve(which.size());
  for (const int64_t row : which) pieces.push_back(row_at(rows, row, first));
  return pieces;
}

using RowProducts = std::vector<std::array<double, 3>>;

RowProducts products_on_cpu(const at::Tensor& rows, const std::vector<int64_t>& which, int64_t s,
                            int64_t y, const Slope& now, const Slope& before) {
  const int64_t n = now.gradient.numel();
  const auto count_of_rows = static_cast<int64_t>(which.size());
  std::vector<float> sums(static_cast<size_t>(count_pieces(n, kPiece)) * which.size() * 3);
  for_each_piece(n, kPiece, kPiecesForAThread, [&](int64_t piece, int64_t first, int64_t count) {
    std::array<float, kPiece> s_piece;
    std::array<float, kPiece> y_piece;
    const auto at_first = [&](const at::Tensor& vector) {
      return vector.const_data_ptr<float>() + first;
    };
    const float* g = at_first(now.gradient);
    cpu::store_difference(at_first(now.preconditioned), at_first(before.preconditioned),
                          row_at(rows, y, first), count);
    cpu::store_difference(g, at_first(before.gradient), {y_piece.data(), nullptr}, count);
    cpu::load_row(row_at(rows, s, first), s_piece.data(), count);
    cpu::three_products(rows_at(rows, which, first).data(), count_of_rows, s_piece.data(),
                        y_piece.data(), g, count, sums.data() + piece * count_of_rows * 3);
  });
  RowProducts products(which.size(), {0.0, 0.0, 0.0});
  for (size_t at = 0; at < sums.size(); ++at) {
    products[at / 3 % which.size()].at(at % 3) += static_cast<double>(sums[at]);
  }
  return products;
}

RowProducts products_on_device(const at::Tensor& rows, const std::vector<int64_t>& which, int64_t s,
                               int64_t y, const Slope& now, const Slope& before) {
  const at::Tensor& gradient = now.gradient;
  const auto dtype = gradient.scalar_type();
  rows.select(0, y).copy_(now.preconditioned - before.preconditioned);
  at::Tensor sum;
  for (int64_t first = 0; first < gradient.numel(); first += kDevicePiece) {
    const int64_t count = std::min(kDevicePiece, gradient.numel() - first);
    const at::Tensor part = rows.narrow(1, first, count);
    const at::Tensor g = gradient.narrow(0, first, count);
    const at::Tensor change = g - before.gradient.narrow(0, first, count);
    const at::Tensor columns = at::stack({part.select(0, s).to(dtype), change, g}, 1);
    const at::Tensor product = at::mm(part.to(dtype), columns).to(at::kCPU, at::kDouble);
    sum = sum.defined() ? sum + product : product;
  }
  RowProducts products;
  const auto values = sum.accessor<double, 2>();
  for (const int64_t row : which) {
    products.push_back({values[row][0], values[row][1], values[row][2]});
  }
  return products;
}

}  // namespace

History::History(int pairs, const at::Tensor& like, c10::ScalarType storage)
    : pairs_(pairs), rows_(at::zeros({2L * pairs, like.numel()}, like.options().dtype(storage))) {}

History::History(at::Tensor rows)
    : pairs_(static_cast<int>(rows.size(0) / 2)), rows_(std::move(rows)) {}

void History::take_step(int slot, const at::Tensor& direction, double factor, at::Tensor& x) {
  if (!has_cpu_form(rows_, direction)) {
    const at::Tensor step = direction * factor;
    x.add_(step);
    rows_.select(0, slot).copy_(step);
    return;
  }
  for_each_piece(
      x.numel(), kPiece, kPiecesForAThread, [&](int64_t /*piece*/, int64_t first, int64_t count) {
        cpu::take_step(direction.const_data_ptr<float>() + first, static_cast<float>(factor),
                       x.data_ptr<float>() + first, row_at(rows_, slot, first), count);
      });
}

HistoryProducts History::remember_change(int slot, const Slope& now, const Slope& before,
                                         const std::vector<int>& in_use) {
  std::vector<int64_t> which;
  for (const int used : in_use) {
    which.push_back(used);
    which.push_back(pairs_ + used);
  }
  const bool on_cpu = has_cpu_form(rows_, now.gradient);
  const RowProducts products = (on_cpu ? products_on_cpu : products_on_device)(
      rows_, which, slot, pairs_ + slot, now, before);
  const auto count = size_t{2} * static_cast<size_t>(pairs_);
  HistoryProducts result{std::vector<double>(count, 0.0), std::vector<double>(count, 0.0),
                         std::vector<double>(count, 0.0)};
  for (size_t i = 0; i < which.size(); ++i) {
    const auto row = static_cast<size_t>(which[i]);
    result.with_s[row] = products[i][0];
    result.with_y[row] = products[i][1];
    result.with_gradient[row] = products[i][2];
  }
  return result;
}

double History::combine(const std::vector<double>& weights, double slope_weight,
                        const at::Tensor& preconditioned, at::Tensor& result) const {
  if (!has_cpu_form(rows_, preconditioned)) {
    at::mul_out(result, preconditioned, at::scalar_tensor(slope_weight, preconditioned.options()));
    for (size_t row = 0; row < weights.size(); ++row) {
      if (weights[row] != 0.0)
        result.add_(rows_.select(0, static_cast<int64_t>(row)), weights[row]);
    }
    return result.square().sum().item<double>();
  }
  std::vector<int64_t> which;
  std::vector<float> factors;
  for (size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] == 0.0) continue;
    which.push_back(static_cast<int64_t>(row));
    factors.push_back(static_cast<float>(weights[row]));
  }
  const int64_t n = preconditioned.numel();
  std::vector<float> squares(static_cast<size_t>(count_pieces(n, kPiece)));
  for_each_piece(n, kPiece, kPiecesForAThread, [&](int64_t piece, int64_t first, int64_t count) {
    float* to = result.data_ptr<float>() + first;
    cpu::scaled_copy(preconditioned.const_data_ptr<float>() + first,
                     static_cast<float>(slope_weight), to, count);
    cpu::add_scaled_rows(rows_at(rows_, which, first).data(), factors.data(),
                         static_cast<int64_t>(which.size()), to, count);
    squares[static_cast<size_t>(piece)] = cpu::square_sum(to, count);
  });
  double sum = 0.0;
  for (const float square : squares) sum += static_cast<double>(square);
  return sum;
}

}  // namespace styletransfer::detail
