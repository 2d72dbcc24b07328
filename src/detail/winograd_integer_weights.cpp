#include "detail/winograd_integer_weights.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace styletransfer::detail {

using cpu::kPairDepth;
using cpu::kPanelColumns;
using cpu::kWinogradInput;
using cpu::kWinogradProducts;
using cpu::Pair;
using cpu::WinogradKernel;

WinogradIntegerWeights::WinogradIntegerWeights(const at::Tensor& weight)
    : straight_(make(weight.contiguous(), WinogradKernel::kStraight)),
      turned_(make(weight.contiguous(), WinogradKernel::kTurned)) {}

WinogradIntegerWeights::Way WinogradIntegerWeights::make(const at::Tensor& weight,
                                                         WinogradKernel kernel) {
  const bool is_straight = kernel == WinogradKernel::kStraight;
  const int64_t from = weight.size(is_straight ? 1 : 0);
  const int64_t to = weight.size(is_straight ? 0 : 1);
  const int64_t from_pitch = weight.stride(is_straight ? 1 : 0);
  const int64_t to_pitch = weight.stride(is_straight ? 0 : 1);
  const int64_t panels = to / kPanelColumns;
  Way way{from, to,
          at::empty({kWinogradProducts, panels, from / kPairDepth, kPanelColumns}, at::kInt),
          at::empty({kWinogradProducts, panels, kPanelColumns}, weight.options())};
  const auto gains = cpu::winograd_gain(kernel);
  // Rows of the same number in planes at the distance of a power of two would all want the same
  // places in the caches.
  const int64_t plane_values = (from + 1) * kPanelColumns;
  at::parallel_for(0, panels, 1, [&](int64_t begin, int64_t end) {
    at::Tensor values = at::empty({kWinogradProducts, plane_values}, weight.options());
    for (int64_t panel = begin; panel < end; ++panel) {
      for (int64_t i = 0; i < from; ++i) {
        cpu::winograd_kernels(
            weight.const_data_ptr<float>() + i * from_pitch + panel * kPanelColumns * to_pitch,
            to_pitch, values.data_ptr<float>() + i * kPanelColumns, plane_values);
      }
      for (int64_t plane = 0; plane < kWinogradProducts; ++plane) {
        float* scales = way.scales.data_ptr<float>() + (plane * panels + panel) * kPanelColumns;
        cpu::panel_of_integers(values.const_data_ptr<float>() + plane * plane_values, from,
                               way.panels.data_ptr<Pair>() +
                                   (plane * panels + panel) * (from / kPairDepth) * kPanelColumns,
                               scales);
        const float gain = gains.at(static_cast<size_t>(plane / kWinogradInput)) *
                           gains.at(static_cast<size_t>(plane % kWinogradInput));
        for (int64_t column = 0; column < kPanelColumns; ++column) scales[column] /= gain;
      }
    }
  });
  return way;
}

const Pair* WinogradIntegerWeights::panel(WinogradKernel kernel, int64_t plane,
                                          int64_t index) const {
  const Way& of = way(kernel);
  return of.panels.const_data_ptr<Pair>() +
         (plane * (of.to / kPanelColumns) + index) * (of.from / kPairDepth) * kPanelColumns;
}

const float* WinogradIntegerWeights::scales(WinogradKernel kernel, int64_t plane,
                                            int64_t index) const {
  const Way& of = way(kernel);
  return of.scales.const_data_ptr<float>() +
         (plane * (of.to / kPanelColumns) + index) * kPanelColumns;
}

}  // namespace styletransfer::detail
