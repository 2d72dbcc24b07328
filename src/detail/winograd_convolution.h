// A 3x3 convolution in float32 by Winograd's minimal filtering: a quarter of the multiplications,
// as matrix products, forwards and backwards with the same prepared weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/winograd_weights.h"

namespace styletransfer::detail {

/// Stride 1, zero padding 1, float32 on the CPU. The rounding error is about three times that of a
/// plain sum in float32; every value is summed in one order, whatever the number of threads or
/// rows.
class WinogradConvolution {
 public:
  /// True for float32 weights on the CPU of as many channels as make it the faster form.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [out, in, 3, 3]; bias [out].
  WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias);

  /// In: [1, in, h, w], the rows of a picture from `first_row` on, whose tiles lie alike whichever
  /// rows are given. Out: [1, out, h, w], channels-last; with `relu`, max(0, .) of it.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu, int64_t first_row) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w], channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient, int64_t first_row) const;

  /// What a call takes beside input and output, of a picture of whatever size.
  [[nodiscard]] int64_t scratch_bytes() const;

 private:
  WinogradWeights weights_;
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
