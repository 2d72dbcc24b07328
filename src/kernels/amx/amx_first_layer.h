// First convolution of VGG (3 to 64 channels, 3x3) on Intel AMX tiles.
//
// Input: float32 pixels; output: bfloat16 features. bfloat16 cannot represent pixel steps smaller
// than half of 1/255, so pixels and weights are each split into the sum of two bfloat16 numbers (16
// significant bits together); the products are summed in float32. The layer has only 3 input
// channels, so the additional products are cheap.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/row_range.h"

namespace styletransfer::detail {

class AmxFirstLayer {
 public:
  /// True if AMX is usable and the weight is [64, 3, 3, 3] on the CPU.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [64, 3, 3, 3], bias [64], on the CPU.
  AmxFirstLayer(const at::Tensor& weight, const at::Tensor& bias);

  /// In: pixels [h, w, 3] float32, contiguous; offset: 3 values that are subtracted from every
  /// pixel first (zero padding is applied after that). Out: rows `rows` of max(0, convolution +
  /// bias), [rows, w, 64] bfloat16.
  [[nodiscard]] at::Tensor forward_relu(const at::Tensor& pixels, const at::Tensor& offset,
                                        Rows rows) const;

  /// Gradient with respect to the pixels. In: the features' gradient, [n, w, 64] bfloat16,
  /// contiguous, for the rows first_row .. first_row + n - 1; other rows count as zero. Out: the
  /// rows `rows`, written to pixel_gradient [rows, w, 3] float32, contiguous.
  void backward_input(const at::Tensor& gradient, int64_t first_row, Rows rows,
                      const at::Tensor& pixel_gradient) const;

 private:
  at::Tensor forward_amx_;   // 24 weight tiles
  at::Tensor backward_amx_;  // 18 weight tiles
  at::Tensor bias_;          // [64] float32
};

}  // namespace styletransfer::detail
