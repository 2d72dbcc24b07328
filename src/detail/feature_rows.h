// Where a convolution on tiles reads its input from: rows of features that lie in memory, or that
// are made when they are read.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/kernels.h"
#include "detail/tiles.h"

namespace styletransfer::detail {

/// Rows of bfloat16 features, read by several threads, each with a scratch of its own.
class FeatureRows {
 public:
  /// Room for a row that is made.
  struct Scratch {
    at::Tensor values;
  };

  virtual ~FeatureRows() = default;
  /// Columns [first, last) of a row, [last - first, channels]; null: all zero. Valid until the
  /// scratch is used again.
  [[nodiscard]] virtual const Bits* columns(int64_t row, int64_t first, int64_t last,
                                            Scratch& scratch) const = 0;
};

/// A tensor [rows, width, channels] as the rows from `first` on; the others count as zero.
class StoredRows : public FeatureRows {
 public:
  explicit StoredRows(const at::Tensor& features, int64_t first = 0);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  at::Tensor features_;
  int64_t first_;
};

/// The gradient of a pooling's input, and of the ReLU that made it, as unpool has it, without its
/// ever being stored.
class UnpooledRows : public FeatureRows {
 public:
  /// In: pooled_gradient [h / 2, w / 2, c] and the pooling's mask, of [h, w, c], both of the whole
  /// picture; c a multiple of 32.
  UnpooledRows(PoolKind kind, const at::Tensor& pooled_gradient, const at::Tensor& mask);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  PoolKind kind_;
  at::Tensor pooled_gradient_;
  at::Tensor mask_;
};

}  // namespace styletransfer::detail
