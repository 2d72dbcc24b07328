// A 3x3 convolution on bf16 tiles, with what comes before and after it folded in.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>

#include "detail/feature_rows.h"

namespace styletransfer::detail {

/// What becomes of a convolution's sums before they are rounded and stored.
struct ConvolutionFinish {
  /// Forward: max(0, .).
  bool relu = false;
  /// Backward: the features [height, width, out] at whose place the result stands, after their
  /// ReLU; the result is kept where they are positive. Undefined: kept everywhere.
  at::Tensor features;
  /// Backward: the result gets features * factor on top, on rows [first_row, last_row): the
  /// gradient of a loss of the features' Gram matrix. Symmetric, [out, out] bfloat16, or undefined.
  at::Tensor factor;
  int64_t first_row = 0;
  int64_t last_row = std::numeric_limits<int64_t>::max();
};

/// Stride 1, zero padding 1, bfloat16 features, float32 sums. Every value is summed in one order,
/// whatever the number of threads or rows.
class TileConvolution {
 public:
  /// True when the processor has tiles and both numbers of channels are multiples of 32.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [out, in, 3, 3], rounded to bfloat16; bias [out] float32 or undefined: none.
  TileConvolution(const at::Tensor& weight, const at::Tensor& bias);

  /// In: rows of [height, width, in]. Out: [height, width, out] bfloat16.
  [[nodiscard]] at::Tensor run(const FeatureRows& input, int64_t height, int64_t width,
                               const ConvolutionFinish& finish) const;

 private:
  int64_t in_channels_;
  int64_t out_channels_;
  at::Tensor tiles_;
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
