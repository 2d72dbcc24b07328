// A 3x3 convolution on bf16 tiles, with what comes before and after it folded in.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/feature_rows.h"
#include "detail/kernels.h"
#include "detail/rows.h"

namespace styletransfer::detail {

/// What becomes of a convolution's sums before they are rounded and stored. Tensors beside the
/// output are of its rows, [rows, width, out]; undefined: not asked for.
struct ConvolutionFinish {
  /// Forward: max(0, .).
  bool relu = false;
  /// Forward: filled with the result's mask (mark_positive).
  at::Tensor marks;
  /// Backward: the result is kept where the mask is set.
  at::Tensor mask;
  /// Backward, in place of a mask: kept where these features, after their ReLU, are positive.
  at::Tensor features;
  /// Backward: the result gets features * factor on top: the gradient of a loss of the features'
  /// Gram matrix. Symmetric, [out, out] bfloat16.
  at::Tensor factor;
  /// Where the result goes; undefined: to a tensor of its own.
  at::Tensor output;
};

/// Stride 1, zero padding 1, bfloat16 features, float32 sums. Every value is summed in one order,
/// whatever the number of threads or rows.
class TileConvolution {
 public:
  /// True when the processor has tiles and both numbers of channels are multiples of 32.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [out, in, 3, 3], rounded to bfloat16; bias [out] float32 or undefined: none.
  TileConvolution(const at::Tensor& weight, const at::Tensor& bias);

  /// The output's rows `rows`, from input rows of the same count of columns; those above and below
  /// that the input does not have count as zero. Out: [rows, width, out] bfloat16.
  [[nodiscard]] at::Tensor run(const FeatureRows& input, Rows rows, int64_t width,
                               const ConvolutionFinish& finish) const;

  /// The same after ReLU and pooling (2x2, `rows` starting with a cell's first row), without the
  /// output's ever being stored. Out: pooled [rows / 2, width / 2, out]; marks, where defined, of
  /// [rows, width, out]: as pool_and_mark has them.
  void run_pooled(const FeatureRows& input, Rows rows, int64_t width, PoolKind kind,
                  const at::Tensor& pooled, const at::Tensor& marks) const;

 private:
  [[nodiscard]] const float* bias_values() const;

  int64_t in_channels_;
  int64_t out_channels_;
  at::Tensor tiles_;
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
