#include "detail/feature_rows.h"

#include <algorithm>
#include <cstring>

#include "detail/kernels_cpu.h"

namespace styletransfer::detail {

StoredRows::StoredRows(const at::Tensor& features, int64_t first, int64_t last)
    : features_(features.contiguous()), first_(first), last_(last) {}

const Bits* StoredRows::columns(int64_t row, int64_t first, int64_t /*last*/,
                                Scratch& /*scratch*/) const {
  if (row < first_ || row >= last_) return nullptr;
  return bits(features_) + (row * features_.size(1) + first) * features_.size(2);
}

UnpooledRows::UnpooledRows(PoolKind kind, const at::Tensor& features,
                           const at::Tensor& pooled_gradient, int64_t first, int64_t last)
    : kind_(kind),
      features_(features.contiguous()),
      pooled_gradient_(pooled_gradient.contiguous()),
      first_(first),
      last_(first + std::min(last - first, 2 * pooled_gradient.size(0))) {}

const Bits* UnpooledRows::columns(int64_t row, int64_t first, int64_t last,
                                  Scratch& scratch) const {
  if (row < first_ || row >= last_) return nullptr;
  const int64_t cell_row = (row - first_) / 2;
  if (scratch.cell_row != cell_row || scratch.first_column != first ||
      scratch.last_column != last) {
    fill(cell_row, first, last, scratch);
  }
  const int64_t channels = features_.size(2);
  return bits(scratch.values) +
         ((row - first_) % 2 * scratch.values.size(1) + first % 2) * channels;
}

void UnpooledRows::fill(int64_t cell_row, int64_t first, int64_t last, Scratch& scratch) const {
  const int64_t width = features_.size(1);
  const int64_t channels = features_.size(2);
  const int64_t start = first / 2 * 2;
  const int64_t columns = (last + 1) / 2 * 2 - start;
  if (!scratch.values.defined() || scratch.values.size(1) < columns) {
    scratch.values = at::empty({2, columns, channels}, features_.options());
  }
  scratch.cell_row = cell_row;
  scratch.first_column = first;
  scratch.last_column = last;
  const int64_t cells = std::min(columns / 2, pooled_gradient_.size(1) - start / 2);
  const int64_t row_values = scratch.values.size(1) * channels;
  Bits* to = bits(scratch.values);
  cpu::pool_cells_backward(
      {kind_ == PoolKind::kAverage, true}, {cells, channels, width * channels, row_values},
      bits(features_) + ((first_ + 2 * cell_row) * width + start) * channels,
      bits(pooled_gradient_) + (cell_row * pooled_gradient_.size(1) + start / 2) * channels, to);
  // An odd last column belongs to no cell.
  const int64_t rest = (columns - 2 * cells) * channels;
  for (Bits* end : {to + 2 * cells * channels, to + row_values + 2 * cells * channels}) {
    std::memset(end, 0, static_cast<size_t>(rest) * sizeof(Bits));
  }
}

}  // namespace styletransfer::detail
