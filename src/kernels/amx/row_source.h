// Input rows of the AMX convolution: stored in memory, or computed while they are read.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/amx/amx_layout.h"
#include "kernels/elementwise.h"

namespace styletransfer::detail {

/// Rows of bfloat16 features. May be read by several threads at once, each with its own Scratch.
class RowSource {
 public:
  /// Buffer for a computed row, one per thread.
  struct Scratch {
    at::Tensor values;
  };

  virtual ~RowSource() = default;
  /// Returns columns [first, last) of a row as [last - first, channels], or null if they are all
  /// zero. Valid until the next call with the same scratch.
  [[nodiscard]] virtual const Bits* columns(int64_t row, int64_t first, int64_t last,
                                            Scratch& scratch) const = 0;
};

/// A tensor [rows, width, channels] that provides the rows first .. first + rows - 1; other rows
/// are zero.
class StoredRows : public RowSource {
 public:
  explicit StoredRows(const at::Tensor& features, int64_t first = 0);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  at::Tensor features_;
  int64_t first_;
};

/// The gradient of a pooling's input (and of the ReLU before it), as by unpool, computed row by row
/// and never stored: at full resolution it would be the largest tensor of the backward pass.
class UnpooledRows : public RowSource {
 public:
  /// In: pooled_gradient [h / 2, w / 2, c] and the pooling's mask of [h, w, c], both for the whole
  /// image; c must be a multiple of 32.
  UnpooledRows(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  PoolKind kind_;
  at::Tensor pooled_gradient_;
  at::Tensor mask_;
};

}  // namespace styletransfer::detail
