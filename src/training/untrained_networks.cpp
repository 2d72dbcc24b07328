#include "training/untrained_networks.h"

namespace styletransfer::detail {

torch::jit::Module untrained_painter(const std::string& type_name, const PainterShape& shape,
                                     std::uint64_t seed) {
  const std::int64_t full = shape.width;
  const std::int64_t half = 2 * full;
  const std::int64_t quarter = 4 * full;
  ScriptNetwork network(type_name, seed);
  ConvolutionBlock outer;
  outer.kernel_px = shape.outer_kernel_px;
  outer.padding_px = shape.outer_kernel_px / 2;
  outer.out_channels = full;
  network.add("input", outer);
  network.add("down1", {.in_channels = full, .out_channels = half, .stride = 2});
  network.add("down2", {.in_channels = half, .out_channels = quarter, .stride = 2});
  for (int i = 1; i <= shape.blocks; ++i) {
    network.add_residual("residual" + std::to_string(i), quarter);
  }
  network.add("up1", {.in_channels = quarter, .out_channels = half, .enlarges = true});
  network.add("up2", {.in_channels = half, .out_channels = full, .enlarges = true});
  outer.in_channels = full;
  outer.out_channels = 3;
  outer.normalises = false;
  outer.activation = shape.last;
  network.add("output", outer);
  return network.finished();
}

torch::jit::Module untrained_judge(const std::string& type_name, int width, std::uint64_t seed) {
  constexpr int kStages = 4;
  ScriptNetwork network(type_name, seed);
  ConvolutionBlock block;
  block.kernel_px = 4;
  block.pads_by_reflection = false;
  block.activation = Activation::kLeakyRelu;
  for (int stage = 1; stage <= kStages; ++stage) {
    block.out_channels = std::int64_t{width} << (stage - 1);
    block.stride = stage < kStages ? 2 : 1;
    block.normalises = stage > 1;
    network.add("stage" + std::to_string(stage), block);
    block.in_channels = block.out_channels;
  }
  block.out_channels = 1;
  block.normalises = false;
  block.activation = Activation::kNone;
  network.add("output", block);
  return network.finished();
}

}  // namespace styletransfer::detail
