// Winograd F(4x4, 3x3) convolution of float32 features, forward and backward (input gradient).
//
// A tile of 4x4 output pixels is computed from 6x6 input pixels with 36 multiplications per pair of
// channels instead of 144. Over all tiles, these are 36 independent matrix products
// [tiles, in] x [in, out] (kernels/winograd/packed_gemm.h) between an input and an output transform
// (kernels/winograd/winograd_transforms.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <variant>

#include "kernels/winograd/winograd_int16_weights.h"
#include "kernels/winograd/winograd_weights.h"

namespace styletransfer::detail {

/// Stride 1, zero padding 1, float32 on the CPU. Each output value is summed in a fixed order that
/// does not depend on the number of threads or rows.
class WinogradConvolution {
 public:
  /// Arithmetic of the matrix products. kFloat32: the rounding error is about three times that of a
  /// direct convolution in float32. kInt16: 16-bit integers with one scale per tile and one per
  /// point and output channel; the error is about that of a direct convolution of bfloat16 values
  /// (1e-3 of the result).
  enum class Numbers { kFloat32, kInt16 };

  /// True for float32 weights on the CPU whose channel counts are multiples of 32 and at least 64
  /// (with fewer, direct convolution is faster).
  [[nodiscard]] static bool is_usable(const at::Tensor& weight);

  /// Bytes of the weights that the constructor prepares.
  [[nodiscard]] static int64_t prepared_bytes(int64_t out_channels, int64_t in_channels,
                                              Numbers numbers) {
    return numbers == Numbers::kInt16 ? WinogradInt16Weights::bytes(out_channels, in_channels)
                                      : WinogradWeights::bytes(out_channels, in_channels);
  }

  /// In: weight [out, in, 3, 3]; bias [out].
  WinogradConvolution(const at::Tensor& weight, const at::Tensor& bias,
                      Numbers numbers = Numbers::kFloat32);

  /// In: [1, in, h, w], the image rows from `first_row` on. Tiles are aligned to multiples of 4
  /// rows of the image, so a tile whose input rows are all given has the same result whichever
  /// other rows are given. Out: [1, out, h, w], channels-last; with `relu`, max(0, .) is applied.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, bool relu, int64_t first_row) const;

  /// Gradient with respect to the input. In: [1, out, h, w]. Out: [1, in, h, w], channels-last.
  [[nodiscard]] at::Tensor backward_input(const at::Tensor& gradient, int64_t first_row) const;

  /// Upper bound of the memory a call allocates besides input and output, for any image size.
  [[nodiscard]] int64_t scratch_bytes() const;

 private:
  std::variant<WinogradWeights, WinogradInt16Weights> weights_;
  at::Tensor bias_;
};

}  // namespace styletransfer::detail
