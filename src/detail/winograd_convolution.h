// A 3x3 convolution of float32 features by Winograd's minimal filtering: a quarter of the
// multiplications, as matrix products, forwards and backwards.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <variant>

#include "detail/winograd_integer_weights.h"
#include "detail/winograd_weights.h"

namespace styletransfer::detail {

/// Stride 1, zero padding 1, float32 on the CPU. Every value is summed in one order, whatever the
/// number of threads or rows.
class WinogradConvolution {
 public:
  /// What is multiplied. Floats: the rounding error is about three times that of a plain sum in
  /// float32. 16-bit integers, each tile and each output channel with a scale of its own: the error
  /// is about that of a plain sum of products of bfloat16 values (1e-3 of the result).
  enum class Numbers { kFloat32, kInt16 };

  /// True for float32 weights on the CPU of as many channels as make it the faster form.
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// In: weight [out, in, 3, 3]; bias [out].
  WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias,
                      Numbers numbers = Numbers::kFloat32);

  /// In: [1, in, h, w], the rows of a picture from `first_row` on, whose tiles lie alike whichever
  /// rows are given. Out: [1, out, h, w], channels-last; with `relu`, max(0, .) of it.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu, int64_t first_row) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w], channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient, int64_t first_row) const;

  /// What a call takes beside input and output, of a picture of whatever size.
  [[nodiscard]] int64_t scratch_bytes() const;

 private:
  std::variant<WinogradWeights, WinogradIntegerWeights> weights_;
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
