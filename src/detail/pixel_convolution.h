// The first convolution, between pixels (3 channels, float32) and bfloat16 features, on bf16 tiles.
// bfloat16 alone cannot show pixel steps below half of 1/255, so pixels and weights enter as the
// sum of two bfloat16 numbers each (16 significant bits) and are summed in float32.
#pragma once

#include <ATen/core/Tensor.h>

#include "detail/rows.h"

namespace styletransfer::detail {

class PixelConvolution {
 public:
  /// Whether this processor, and a convolution of this weight shape, can run here.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// weight [64, 3, 3, 3], bias [64], on the CPU.
  PixelConvolution(const at::Tensor& weight, const at::Tensor& bias);

  /// In: pixels [h, w, 3] float32, contiguous; offset: 3 values taken from every pixel first (zero
  /// padding comes after that). Out: rows `rows` of max(0, convolution), [rows, w, 64] bfloat16.
  [[nodiscard]] at::Tensor forward_relu(const at::Tensor& pixels, const at::Tensor& offset,
                                        Rows rows) const;

  /// Gradient with respect to the pixels. In: the features' gradient on the rows from `first_row`
  /// on, [some, w, 64] bfloat16, contiguous; others count as zero. Out: written to pixel_gradient
  /// [rows, w, 3] float32, contiguous: the rows `rows`.
  void backward_input(const at::Tensor& gradient, int64_t first_row, Rows rows,
                      const at::Tensor& pixel_gradient) const;

 private:
  at::Tensor forward_tiles_;   // 24 weight tiles
  at::Tensor backward_tiles_;  // 18 weight tiles
  at::Tensor bias_;            // [64] float32
};

}  // namespace styletransfer::detail
