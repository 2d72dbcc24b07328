// Winograd-transformed 3x3 weights, quantized to 16-bit integers, for both directions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/winograd/packed_gemm.h"
#include "kernels/winograd/winograd_transforms.h"

namespace styletransfer::detail {

/// For each of the 36 points (pairs of a row and a column point), a matrix [from, to] of integers
/// with one scale per column, stored as panels for gemm_panel. Both directions are stored: scales
/// belong to columns, so the transposed matrix has to be quantized separately. At half the size of
/// float32 both together take as much memory as one direction of WinogradWeights.
class WinogradInt16Weights {
 public:
  /// In: weight [out, in, 3, 3] float32 on the CPU, channels in multiples of 32.
  explicit WinogradInt16Weights(const at::Tensor& weight);

  /// Bytes of both directions' integers and scales.
  [[nodiscard]] static int64_t bytes(int64_t out_channels, int64_t in_channels);

  /// Channels of the matrix's rows and columns: kForward leads from input to output channels,
  /// kBackwardData from output to input channels.
  [[nodiscard]] int64_t from(cpu::WinogradKernel kernel) const { return direction(kernel).from; }
  [[nodiscard]] int64_t to(cpu::WinogradKernel kernel) const { return direction(kernel).to; }

  /// Columns 32 * index .. 32 * index + 31 of the matrix of point `plane`: pairs [from / 2, 32].
  [[nodiscard]] const cpu::Int16x2* panel(cpu::WinogradKernel kernel, int64_t plane,
                                          int64_t index) const;
  /// The scales of these columns, [32]. They include the division by winograd_gain() that inputs
  /// from winograd_input_pairs need.
  [[nodiscard]] const float* scales(cpu::WinogradKernel kernel, int64_t plane, int64_t index) const;

 private:
  /// Weights of one direction.
  struct Direction {
    int64_t from;
    int64_t to;
    at::Tensor panels;  // [36, to / 32, from / 2, 32] int32
    at::Tensor scales;  // [36, to / 32, 32]
  };
  static Direction make(const at::Tensor& weight, cpu::WinogradKernel kernel);
  [[nodiscard]] const Direction& direction(cpu::WinogradKernel kernel) const {
    return kernel == cpu::WinogradKernel::kForward ? forward_ : backward_data_;
  }

  Direction forward_;
  Direction backward_data_;
};

}  // namespace styletransfer::detail
