#include "optim/lbfgs_history.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kernels/parallel_chunks.h"
#include "optim/lbfgs_history_cpu.h"

namespace styletransfer::detail {
namespace {

// Elements per chunk: a few vectors' worth stays in the L1 cache while all rows stream past.
// Partial sums are added up in float64, in order, so the result is the same for any number of
// threads.
constexpr int64_t kChunk = 2048;
constexpr int64_t kChunksPerThread = 4;
// On other devices a chunk bounds the size of the copies that a product needs.
constexpr int64_t kDeviceChunk = int64_t{1} << 22;

bool have_cpu_form(const at::Tensor& rows) {
  return rows.is_cpu() && (rows.scalar_type() == at::kFloat || rows.scalar_type() == at::kBFloat16);
}

/// float32 vectors on the CPU may be stored in bfloat16, all others as they are.
at::TensorOptions storage_for(const at::Tensor& like, bool in_bfloat16) {
  const bool is_halved = in_bfloat16 && like.is_cpu() && like.scalar_type() == at::kFloat;
  return is_halved ? like.options().dtype(at::kBFloat16) : like.options();
}

/// Row `row` of `rows`, from element `first`.
cpu::HistoryRow row_at(const at::Tensor& rows, int64_t row, int64_t first) {
  const int64_t offset = row * rows.size(1) + first;
  if (rows.scalar_type() == at::kFloat) return {rows.data_ptr<float>() + offset, nullptr};
  return {nullptr, reinterpret_cast<cpu::Bits*>(rows.data_ptr<at::BFloat16>()) + offset};
}

std::vector<cpu::HistoryRow> rows_at(const at::Tensor& rows, const std::vector<int64_t>& which,
                                     int64_t first) {
  std::vector<cpu::HistoryRow> chunks;
  chunks.reserve(which.size());
  for (const int64_t row : which) chunks.push_back(row_at(rows, row, first));
  return chunks;
}

constexpr int64_t kProducts = 3;  // per row: with s, y and the gradient

at::Tensor products_on_cpu(const at::Tensor& rows, const std::vector<int64_t>& which, int64_t s,
                           int64_t y, const SearchGradient& now, const SearchGradient& before) {
  const int64_t n = now.gradient.numel();
  const auto count_of_rows = static_cast<int64_t>(which.size());
  std::vector<float> sums(static_cast<size_t>(count_chunks(n, kChunk)) * which.size() * 3);
  for_each_chunk(n, kChunk, kChunksPerThread, [&](int64_t chunk, int64_t first, int64_t count) {
    std::array<float, kChunk> s_chunk;
    std::array<float, kChunk> y_chunk;
    const auto at_first = [&](const at::Tensor& vector) {
      return vector.const_data_ptr<float>() + first;
    };
    const float* g = at_first(now.gradient);
    cpu::store_difference(at_first(now.preconditioned), at_first(before.preconditioned),
                          row_at(rows, y, first), count);
    cpu::store_difference(g, at_first(before.gradient), {y_chunk.data(), nullptr}, count);
    cpu::load_row(row_at(rows, s, first), s_chunk.data(), count);
    cpu::three_products(rows_at(rows, which, first).data(), count_of_rows, s_chunk.data(),
                        y_chunk.data(), g, count, sums.data() + chunk * count_of_rows * 3);
  });
  at::Tensor products = at::zeros({rows.size(0), kProducts}, at::kDouble);
  auto* to = products.data_ptr<double>();
  for (size_t at = 0; at < sums.size(); ++at) {
    const int64_t row = which[at / kProducts % which.size()];
    to[row * kProducts + static_cast<int64_t>(at % kProducts)] += static_cast<double>(sums[at]);
  }
  return products;
}

at::Tensor products_on_device(const at::Tensor& rows, int64_t s, int64_t y,
                              const SearchGradient& now, const SearchGradient& before) {
  at::Tensor preconditioned_change = rows.select(0, y);
  at::sub_out(preconditioned_change, now.preconditioned, before.preconditioned);
  at::Tensor sum;
  for (int64_t first = 0; first < now.gradient.numel(); first += kDeviceChunk) {
    const int64_t count = std::min(kDeviceChunk, now.gradient.numel() - first);
    const at::Tensor part = rows.narrow(1, first, count);
    const at::Tensor g = now.gradient.narrow(0, first, count);
    const at::Tensor change = g - before.gradient.narrow(0, first, count);
    const at::Tensor product = at::mm(part, at::stack({part.select(0, s), change, g}, 1));
    sum = sum.defined() ? sum + product : product;
  }
  return sum;
}

}  // namespace

History::History(int pairs, const at::Tensor& like, bool in_bfloat16)
    : pairs_(pairs), rows_(at::zeros({2L * pairs, like.numel()}, storage_for(like, in_bfloat16))) {}

History::History(const at::Tensor& rows, const at::Tensor& like)
    : pairs_(static_cast<int>(rows.size(0) / 2)), rows_(rows.to(like.device())) {
  if (!have_cpu_form(rows_)) rows_ = rows_.to(like.scalar_type());
}

void History::take_step(int slot, const at::Tensor& direction, const StepLength& length,
                        at::Tensor& x) {
  if (!have_cpu_form(rows_)) {
    at::Tensor factor = length.squared_length;
    if (!length.always_as_long) factor = factor.clamp_min(length.bound * length.bound);
    factor = factor.rsqrt().mul_(length.bound);
    at::Tensor step = rows_.select(0, slot);
    at::mul_out(step, direction, factor);
    x.add_(step);
    return;
  }
  const double own = std::sqrt(length.squared_length.item<double>());
  const double factor = length.always_as_long || own > length.bound ? length.bound / own : 1.0;
  for_each_chunk(
      x.numel(), kChunk, kChunksPerThread, [&](int64_t /*chunk*/, int64_t first, int64_t count) {
        cpu::take_step(direction.const_data_ptr<float>() + first, static_cast<float>(factor),
                       x.data_ptr<float>() + first, row_at(rows_, slot, first), count);
      });
}

at::Tensor History::remember_change(int slot, const SearchGradient& now,
                                    const SearchGradient& before, const std::vector<int>& in_use) {
  if (!have_cpu_form(rows_)) {
    return products_on_device(rows_, slot, pairs_ + slot, now, before);
  }
  std::vector<int64_t> which;
  for (const int used : in_use) {
    which.push_back(used);
    which.push_back(pairs_ + used);
  }
  return products_on_cpu(rows_, which, slot, pairs_ + slot, now, before);
}

HistoryProducts History::products(const std::vector<double>& numbers,
                                  const std::vector<int>& in_use) const {
  const auto count = size_t{2} * static_cast<size_t>(pairs_);
  HistoryProducts result{std::vector<double>(count, 0.0), std::vector<double>(count, 0.0),
                         std::vector<double>(count, 0.0)};
  for (const int slot : in_use) {
    for (const int used : {slot, pairs_ + slot}) {
      const auto row = static_cast<size_t>(used);
      result.with_s[row] = numbers[kProducts * row];
      result.with_y[row] = numbers[kProducts * row + 1];
      result.with_gradient[row] = numbers[kProducts * row + 2];
    }
  }
  return result;
}

void History::forget() {
  // The CPU form skips rows that do not count; a matrix product includes them all, and 0 times a
  // non-finite value is not 0.
  if (!have_cpu_form(rows_)) rows_.zero_();
}

at::Tensor History::combine(const std::vector<double>& weights, double gradient_weight,
                            const at::Tensor& preconditioned, at::Tensor& result) const {
  if (!have_cpu_form(rows_)) {
    if (weights.empty()) {
      at::mul_out(result, preconditioned, at::scalar_tensor(gradient_weight, at::kDouble));
    } else {
      const at::Tensor factors = at::tensor(weights, at::kDouble)
                                     .to(preconditioned.scalar_type())
                                     .to(preconditioned.device(), /*non_blocking=*/true);
      at::addmv_out(result, preconditioned, rows_.t(), factors, gradient_weight, 1.0);
    }
    return at::dot(result, result);
  }
  std::vector<int64_t> which;
  std::vector<float> factors;
  for (size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] == 0.0) continue;
    which.push_back(static_cast<int64_t>(row));
    factors.push_back(static_cast<float>(weights[row]));
  }
  const int64_t n = preconditioned.numel();
  std::vector<float> squares(static_cast<size_t>(count_chunks(n, kChunk)));
  for_each_chunk(n, kChunk, kChunksPerThread, [&](int64_t chunk, int64_t first, int64_t count) {
    float* to = result.data_ptr<float>() + first;
    cpu::scaled_copy(preconditioned.const_data_ptr<float>() + first,
                     static_cast<float>(gradient_weight), to, count);
    cpu::add_scaled_rows(rows_at(rows_, which, first).data(), factors.data(),
                         static_cast<int64_t>(which.size()), to, count);
    squares[static_cast<size_t>(chunk)] = cpu::square_sum(to, count);
  });
  double sum = 0.0;
  for (const float square : squares) sum += static_cast<double>(square);
  return at::scalar_tensor(sum, at::kDouble);
}

}  // namespace styletransfer::detail
