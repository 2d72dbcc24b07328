// 3x3 kernels as Winograd's filtering multiplies with them, prepared once for both directions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/panel_product.h"
#include "detail/winograd_transforms.h"

namespace styletransfer::detail {

/// The kernels at the 36 pairs of points: a matrix [from, to] for each pair.
class WinogradWeights {
 public:
  /// In: weight [out, in, 3, 3] float32 on the CPU, channels in multiples of 32.
  explicit WinogradWeights(const at::Tensor& weight);

  /// Straight kernels lead from input to output channels, turned ones back.
  [[nodiscard]] int64_t from(cpu::WinogradKernel kernel) const;
  [[nodiscard]] int64_t to(cpu::WinogradKernel kernel) const;

  /// Values that panel() wants room for: none where its panels are stored.
  [[nodiscard]] int64_t room(cpu::WinogradKernel kernel) const;
  /// Columns 32 * `index` .. of the matrix of a plane, [from, 32].
  [[nodiscard]] const float* panel(cpu::WinogradKernel kernel, int64_t plane, int64_t index,
                                   float* room) const;
  /// Where that panel comes from.
  [[nodiscard]] cpu::NextPanel source(cpu::WinogradKernel kernel, int64_t plane,
                                      int64_t index) const;

 private:
  [[nodiscard]] bool is_stored(cpu::WinogradKernel kernel) const;

  int64_t in_;
  int64_t out_;
  at::Tensor straight_;  // [36, out / 32, in, 32]
  at::Tensor turned_;    // [36, in / 32, out, 32], or undefined
};

}  // namespace styletransfer::detail
