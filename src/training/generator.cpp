#include "training/generator.h"

namespace styletransfer::detail {

torch::jit::Module make_generator(const std::string& type_name, const GeneratorShape& shape,
                                  std::uint64_t seed) {
  const std::int64_t full = shape.width;
  const std::int64_t half = 2 * full;
  const std::int64_t quarter = 4 * full;
  ScriptModule network(type_name, seed);
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
  outer.normalizes = false;
  outer.activation = shape.last;
  network.add("output", outer);
  return network.finished();
}

}  // namespace styletransfer::detail
