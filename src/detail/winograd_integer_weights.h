// 3x3 kernels as Winograd's filtering multiplies with them in 16-bit integers, prepared once for
// each direction.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detail/panel_product.h"
#include "detail/winograd_transforms.h"

namespace styletransfer::detail {

/// The kernels at the 36 pairs of points: a matrix [from, to] of integers for each pair, with a
/// scale for each of its columns.
class WinogradIntegerWeights {
 public:
  /// In: weight [out, in, 3, 3] float32 on the CPU, channels in multiples of 32.
  explicit WinogradIntegerWeights(const at::Tensor& weight);

  /// Straight kernels lead from input to output channels, turned ones back.
  [[nodiscard]] int64_t from(cpu::WinogradKernel kernel) const { return way(kernel).from; }
  [[nodiscard]] int64_t to(cpu::WinogradKernel kernel) const { return way(kernel).to; }

  /// Columns 32 * `index` .. of the matrix of a plane, [from / 2, 32].
  [[nodiscard]] const cpu::Pair* panel(cpu::WinogradKernel kernel, int64_t plane,
                                       int64_t index) const;
  /// Their scales, [32], for inputs from winograd_input_pairs.
  [[nodiscard]] const float* scales(cpu::WinogradKernel kernel, int64_t plane, int64_t index) const;

 private:
  /// What one direction multiplies with.
  struct Way {
    int64_t from;
    int64_t to;
    at::Tensor panels;  // [36, to / 32, from / 2, 32] int32
    at::Tensor scales;  // [36, to / 32, 32]
  };
  static Way make(const at::Tensor& weight, cpu::WinogradKernel kernel);
  [[nodiscard]] const Way& way(cpu::WinogradKernel kernel) const {
    return kernel == cpu::WinogradKernel::kStraight ? straight_ : turned_;
  }

  Way straight_;
  Way turned_;
};

}  // namespace styletransfer::detail
