#include "detail/winograd_weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace styletransfer::detail {
namespace {

using cpu::kBlockValues;
using cpu::kPanelColumns;
using cpu::kWinogradProducts;
using cpu::WinogradKernel;

// Of so few outputs the turned weights are stored as well. Of more that would be too much memory;
// their panels are turned when they are needed, and multiplied with many tiles.
constexpr int64_t kMostStoredTurned = 128;

/// Kernels [out, in, 3, 3] at the pairs of points: [36, out / 32, in, 32].
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
    : in_(weight.size(1)), out_(weight.size(0)), straight_(at_points(weight)) {
  if (out_ > kMostStoredTurned) return;
  const at::Tensor turned =
      at::empty({kWinogradProducts, in_ / kPanelColumns, out_, kPanelColumns}, weight.options());
  float* to = turned.data_ptr<float>();
  for (int64_t plane = 0; plane < kWinogradProducts; ++plane) {
    for (int64_t index = 0; index < in_ / kPanelColumns; ++index) {
      (void)panel(WinogradKernel::kTurned, plane, index, to);
      to += out_ * kPanelColumns;
    }
  }
  turned_ = turned;
}

int64_t WinogradWeights::from(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kStraight ? in_ : out_;
}

int64_t WinogradWeights::to(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kStraight ? out_ : in_;
}

bool WinogradWeights::is_stored(WinogradKernel kernel) const {
  return kernel == WinogradKernel::kStraight || turned_.defined();
}

int64_t WinogradWeights::room(WinogradKernel kernel) const {
  return is_stored(kernel) ? 0 : from(kernel) * kPanelColumns;
}

cpu::NextPanel WinogradWeights::source(WinogradKernel kernel, int64_t plane, int64_t index) const {
  const at::Tensor& panels =
      kernel == WinogradKernel::kTurned && turned_.defined() ? turned_ : straight_;
  const float* matrix = panels.const_data_ptr<float>() + plane * in_ * out_;
  if (is_stored(kernel)) return {matrix + index * from(kernel) * kPanelColumns, kBlockValues};
  // A block of every straight panel.
  return {matrix + index * kBlockValues, in_ * kPanelColumns};
}

const float* WinogradWeights::panel(WinogradKernel kernel, int64_t plane, int64_t index,
                                    float* room) const {
  const cpu::NextPanel from = source(kernel, plane, index);
  const auto* block = static_cast<const float*>(from.block);
  if (is_stored(kernel)) return block;
  for (int64_t i = 0; i < out_ / kPanelColumns; ++i) {
    cpu::transpose_block(block + i * from.pitch, room + i * kBlockValues);
  }
  return room;
}

}  // namespace styletransfer::detail
