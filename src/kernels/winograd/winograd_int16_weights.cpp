#include "kernels/winograd/winograd_int16_weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace styletransfer::detail {

using cpu::Int16x2;
using cpu::kInt16x2Depth;
using cpu::kPanelColumns;
using cpu::kWinogradInput;
using cpu::kWinogradProducts;
using cpu::WinogradKernel;

WinogradInt16Weights::WinogradInt16Weights(const at::Tensor& weight)
    : forward_(make(weight.contiguous(), WinogradKernel::kForward)),
      backward_data_(make(weight.contiguous(), WinogradKernel::kBackwardData)) {}

WinogradInt16Weights::Direction WinogradInt16Weights::make(const at::Tensor& weight,
                                                           WinogradKernel kernel) {
  // The same loops read the weight [out, in, 3, 3] with its dimensions exchanged for kBackwardData.
  const bool is_forward = kernel == WinogradKernel::kForward;
  const int64_t from = weight.size(is_forward ? 1 : 0);
  const int64_t to = weight.size(is_forward ? 0 : 1);
  const int64_t from_pitch = weight.stride(is_forward ? 1 : 0);
  const int64_t to_pitch = weight.stride(is_forward ? 0 : 1);
  const int64_t panels = to / kPanelColumns;
  Direction result{
      from, to,
      at::empty({kWinogradProducts, panels, from / kInt16x2Depth, kPanelColumns}, at::kInt),
      at::empty({kWinogradProducts, panels, kPanelColumns}, weight.options())};
  const auto gains = cpu::winograd_gain(kernel);
  // One row of padding: at a distance of a power of two, the same row of all planes would map to
  // the same cache set.
  const int64_t plane_values = (from + 1) * kPanelColumns;
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    // Transforms one panel (32 kernels per `from` channel) to all 36 points in float32, then
    // quantizes each point's [from, 32] panel.
    at::Tensor values = at::empty({kWinogradProducts, plane_values}, weight.options());
    for (int64_t panel = begin; panel < end; ++panel) {
      for (int64_t i = 0; i < from; ++i) {
        cpu::winograd_kernels(
            weight.const_data_ptr<float>() + i * from_pitch + panel * kPanelColumns * to_pitch,
            to_pitch, values.data_ptr<float>() + i * kPanelColumns, plane_values);
      }
      for (int64_t plane = 0; plane < kWinogradProducts; ++plane) {
        float* scales = result.scales.data_ptr<float>() + (plane * panels + panel) * kPanelColumns;
        cpu::quantize_panel(values.const_data_ptr<float>() + plane * plane_values, from,
                            result.panels.data_ptr<Int16x2>() +
                                (plane * panels + panel) * (from / kInt16x2Depth) * kPanelColumns,
                            scales);
        // Inputs are larger by the gains of the row and the column point.
        const float gain = gains.at(static_cast<size_t>(plane / kWinogradInput)) *
                           gains.at(static_cast<size_t>(plane % kWinogradInput));
        for (int64_t column = 0; column < kPanelColumns; ++column) scales[column] /= gain;
      }
    }
  });
  return result;
}

int64_t WinogradInt16Weights::bytes(int64_t out_channels, int64_t in_channels) {
  constexpr int64_t kWays = 2;
  const int64_t integers = kWays * kWinogradProducts * out_channels * in_channels *
                           static_cast<int64_t>(sizeof(int16_t));
  const int64_t scales =
      kWinogradProducts * (out_channels + in_channels) * static_cast<int64_t>(sizeof(float));
  return integers + scales;
}

const Int16x2* WinogradInt16Weights::panel(WinogradKernel kernel, int64_t plane,
                                           int64_t index) const {
  const Direction& of = direction(kernel);
  return of.panels.const_data_ptr<Int16x2>() +
         (plane * (of.to / kPanelColumns) + index) * (of.from / kInt16x2Depth) * kPanelColumns;
}

const float* WinogradInt16Weights::scales(WinogradKernel kernel, int64_t plane,
                                          int64_t index) const {
  const Direction& of = direction(kernel);
  return of.scales.const_data_ptr<float>() +
         (plane * (of.to / kPanelColumns) + index) * kPanelColumns;
}

}  // namespace styletransfer::detail
