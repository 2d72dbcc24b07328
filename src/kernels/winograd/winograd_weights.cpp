#include "kernels/winograd/winograd_weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace styletransfer::detail {
namespace {

using cpu::kBlockValues;
using cpu::kPanelColumns;
using cpu::kWinogradProducts;
using cpu::WinogradKernel;

// Layers with at most this many output channels store the backward weights as well. For larger ones
// this would take too much memory (36 * out * in floats, 38 MB for 512 x 512); their panels are
// transposed when needed, at a cost that is shared by many tiles (kSharedTiles).
constexpr int64_t kMaxStoredBackwardData = 128;

/// Transforms kernels [out, in, 3, 3] to panels [36, out / 32, in, 32]. Each call of
/// winograd_kernels handles 32 output channels of one input channel: one row of a panel in every
/// plane.
at::Tensor at_points(const at::Tensor& weight) {
  const int64_t out = weight.size(0);
  const int64_t in = weight.size(1);
  const at::Tensor kernels = weight.contiguous();
  at::Tensor panels =
      at::empty({kWinogradProducts, out / kPanelColumns, in, kPanelColumns}, kernels.options());
  at::parallel_for(0, out / kPanelColumns * in, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      cpu::winograd_kernels(
          kernels.const_data_ptr<float>() + (i / in * kPanelColumns * in + i % in) * 9, in * 9,
          panels.data_ptr<float>() + i * kPanelColumns, in * out);
    }
  });
  return panels;
}

}  // namespace

WinogradWeights::WinogradWeights(const at::Tensor& weight)
    : in_(weight.size(1)), out_(weight.size(0)), forward_(at_points(weight)) {
  if (out_ > kMaxStoredBackwardData) return;
  // `backward_data_` is still undefined, so panel() transposes into the tensor under construction.
  const at::Tensor turned =
      at::empty({kWinogradProducts, in_ / kPanelColumns, out_, kPanelColumns}, weight.options());
  float* to = turned.data_ptr<float>();
  for (int64_t plane = 0; plane < kWinogradProducts; ++plane) {
    for (int64_t index = 0; index < in_ / kPanelColumns; ++index) {
      (void)panel(WinogradKernel::kBackwardData, plane, index, to);
      to += out_ * kPanelColumns;
    }
  }
  backward_data_ = turned;
}

int64_t WinogradWeights::bytes(int64_t out_channels, int64_t in_channels) {
  const int64_t ways = out_channels > kMaxStoredBackwardData ? 1 : 2;
  return ways * kWinogradProducts * out_channels * in_channels *
         static_cast<int64_t>(sizeof(float));
}

int64_t WinogradWeights::from(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kForward ? in_ : out_;
}

int64_t WinogradWeights::to(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kForward ? out_ : in_;
}

bool WinogradWeights::is_stored(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kForward || backward_data_.defined();
}

int64_t WinogradWeights::panel_scratch(WinogradKernel kernel) const {
  return is_stored(kernel) ? 0 : from(kernel) * kPanelColumns;
}

cpu::NextPanel WinogradWeights::source(WinogradKernel kernel, int64_t plane, int64_t index) const {
  const at::Tensor& panels = kernel == WinogradKernel::kBackwardData && backward_data_.defined()
                                 ? backward_data_
                                 : forward_;
  const float* matrix = panels.const_data_ptr<float>() + plane * in_ * out_;
  if (is_stored(kernel)) return {matrix + index * from(kernel) * kPanelColumns, kBlockValues};
  // Column block `index` of the transposed matrix consists of row block `index` of every forward
  // panel.
  return {matrix + index * kBlockValues, in_ * kPanelColumns};
}

const float* WinogradWeights::panel(WinogradKernel kernel, int64_t plane, int64_t index,
                                    float* scratch) const {
  const cpu::NextPanel from = source(kernel, plane, index);
  const auto* block = static_cast<const float*>(from.block);
  if (is_stored(kernel)) return block;
  // Each [32 in, 32 out] block becomes [32 out, 32 in]; the blocks follow one another by output
  // channel.
  for (int64_t i = 0; i < out_ / kPanelColumns; ++i) {
    cpu::transpose_block(block + i * from.pitch, scratch + i * kBlockValues);
  }
  return scratch;
}

}  // namespace styletransfer::detail
