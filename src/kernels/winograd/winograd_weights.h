// Winograd-transformed 3x3 weights in float32, for both directions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/winograd/packed_gemm.h"
#include "kernels/winograd/winograd_transforms.h"

namespace styletransfer::detail {

/// For each of the 36 points (pairs of a row and a column point), a matrix [from, to], stored as
/// panels for gemm_panel. The matrices of the backward pass are the transposed ones of the forward
/// pass (see winograd_kernels), so large layers store one direction only and transpose panels on
/// demand.
class WinogradWeights {
 public:
  /// In: weight [out, in, 3, 3] float32 on the CPU, channels in multiples of 32.
  explicit WinogradWeights(const at::Tensor& weight);

  /// Bytes of both matrices, as far as they are stored.
  [[nodiscard]] static int64_t bytes(int64_t out_channels, int64_t in_channels);

  /// Channels of the matrix's rows and columns: kForward leads from input to output channels,
  /// kBackwardData from output to input channels.
  [[nodiscard]] int64_t from(cpu::WinogradKernel kernel) const;
  [[nodiscard]] int64_t to(cpu::WinogradKernel kernel) const;

  /// Floats of scratch memory that panel() needs: 0 if the panels of this direction are stored.
  [[nodiscard]] int64_t panel_scratch(cpu::WinogradKernel kernel) const;
  /// Columns 32 * index .. 32 * index + 31 of the matrix of point `plane`, [from, 32]. Returns a
  /// stored panel, or one transposed into `scratch`.
  [[nodiscard]] const float* panel(cpu::WinogradKernel kernel, int64_t plane, int64_t index,
                                   float* scratch) const;
  /// The stored memory that panel() reads, for prefetching.
  [[nodiscard]] cpu::NextPanel source(cpu::WinogradKernel kernel, int64_t plane,
                                      int64_t index) const;

 private:
  [[nodiscard]] bool is_stored(cpu::WinogradKernel kernel) const;

  int64_t in_;
  int64_t out_;
  at::Tensor forward_;        // [36, out / 32, in, 32]
  at::Tensor backward_data_;  // [36, in / 32, out, 32], or undefined
};

}  // namespace styletransfer::detail
