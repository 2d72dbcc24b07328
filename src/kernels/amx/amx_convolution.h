// 3x3 convolution of bfloat16 features on Intel AMX tiles, with fused prologue and epilogue.
//
// The prologue (RowSource) undoes a pooling while the input is read; the epilogue (bias, ReLU,
// masks, the Gram gradient, pooling) is applied to the float32 sums before they are rounded and
// stored. Fusing saves one pass over memory per operation, which would take longer than the
// arithmetic.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/amx/row_source.h"
#include "kernels/elementwise.h"
#include "kernels/row_range.h"

namespace styletransfer::detail {

/// Operations fused into a convolution: they are applied to the sums before rounding and storing.
/// `marks`, `mask` and `features` cover the output's rows, [rows, width, out] (masks in the layout
/// of kernels/activation_masks.h). An undefined tensor skips its operation.
struct ConvolutionEpilogue {
  /// Forward: applies max(0, .).
  bool relu = false;
  /// Forward, output: filled with the mask of the result, as by make_relu_mask.
  at::Tensor marks;
  /// Backward, input: the result is set to 0 where the mask is not set.
  at::Tensor mask;
  /// Backward, input, instead of `mask`: the result is set to 0 where these features are not
  /// positive (they are a ReLU's output).
  at::Tensor features;
  /// Backward, input: adds features * factor to the result, the gradient of a loss on the features'
  /// Gram matrix. Symmetric [out, out] bfloat16; requires `features`.
  at::Tensor factor;
  /// Destination of the result; if undefined, a new tensor is allocated.
  at::Tensor output;
};

/// Stride 1, zero padding 1; bfloat16 features and weights, float32 accumulation. Each output value
/// is summed in a fixed order that does not depend on the number of threads or on which rows are
/// computed, so results are bitwise reproducible for any strip height.
class AmxConvolution {
 public:
  /// True if AMX is usable and both channel counts are multiples of 32.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [out, in, 3, 3], which is rounded to bfloat16; bias [out], or undefined for none.
  AmxConvolution(const at::Tensor& weight, const at::Tensor& bias);

  /// Computes the output rows `rows`. Input rows have `width` columns; rows for which the source
  /// has no data count as zero. Out: [rows, width, out] bfloat16.
  [[nodiscard]] at::Tensor run(const RowSource& input, Rows rows, int64_t width,
                               const ConvolutionEpilogue& epilogue) const;

  /// Convolution, ReLU and 2x2 pooling without storing the output at full resolution. `rows` must
  /// start at the first row of a pooling cell (an even one). Out: written to pooled
  /// [rows / 2, width / 2, out] and, if defined, to marks of [rows, width, out], as by
  /// pool_with_mask.
  void run_pooled(const RowSource& input, Rows rows, int64_t width, PoolKind kind,
                  const at::Tensor& pooled, const at::Tensor& marks) const;

 private:
  [[nodiscard]] const float* bias_values() const;

  int64_t in_channels_;
  int64_t out_channels_;
  at::Tensor tiles_;  // the weights as right-hand tiles (pack_weights)
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
