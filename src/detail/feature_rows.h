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
  /// Room for rows that are made, and what it holds at present.
  struct Scratch {
    at::Tensor values;
    int64_t cell_row = -1;
    int64_t first_column = -1;
    int64_t last_column = -1;
  };

  virtual ~FeatureRows() = default;
  /// Columns [first, last) of a row, [last - first, channels]; null: all zero. Valid until the
  /// scratch is used again.
  [[nodiscard]] virtual const Bits* columns(int64_t row, int64_t first, int64_t last,
                                            Scratch& scratch) const = 0;
};

/// Rows [first, last) of a tensor [rows, width, channels]; the others count as zero.
class StoredRows : public FeatureRows {
 public:
  explicit StoredRows(const at::Tensor& features) : StoredRows(features, 0, features.size(0)) {}
  StoredRows(const at::Tensor& features, int64_t first, int64_t last);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  at::Tensor features_;
  int64_t first_;
  int64_t last_;
};

/// The gradient of a pooling's input and of the ReLU that made it, as pool_2x2_backward has it,
/// without its ever being stored. Rows outside [first, last) of `features` count as zero.
class UnpooledRows : public FeatureRows {
 public:
  /// In: features [rows, width, channels], the pooling's input; pooled_gradient
  /// [(last - first) / 2, width / 2, channels].
  UnpooledRows(PoolKind kind, const at::Tensor& features, const at::Tensor& pooled_gradient,
               int64_t first, int64_t last);
  [[nodiscard]] const Bits* columns(int64_t row, int64_t first, int64_t last,
                                    Scratch& scratch) const override;

 private:
  void fill(int64_t cell_row, int64_t first, int64_t last, Scratch& scratch) const;

  PoolKind kind_;
  at::Tensor features_;
  at::Tensor pooled_gradient_;
  int64_t first_;
  int64_t last_;
};

}  // namespace styletransfer::detail
