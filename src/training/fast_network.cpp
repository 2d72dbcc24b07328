#include "training/fast_network.h"

namespace styletransfer {
namespace detail {

torch::jit::Module fast_network(const FastNetworkShape& shape, std::uint64_t seed) {
  constexpr int kOuterKernelPx = 9;
  const std::int64_t full = shape.width;
  const std::int64_t half = 2 * full;
  const std::int64_t quarter = 4 * full;
  ScriptNetwork network("FastNetwork", seed);
  ConvolutionBlock outer;
  outer.kernel_px = kOuterKernelPx;
  outer.padding_px = kOuterKernelPx / 2;
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
  outer.activation = Activation::kSigmoid;
  network.add("output", outer);
  return network.finished();
}

}  // namespace detail

void save_fast_network(const FastNetworkShape& shape,
                       const std::map<std::string, at::Tensor>& weights, const std::string& style,
                       const std::string& training, const std::string& path) {
  torch::jit::Module module = detail::fast_network(shape, 0);
  detail::copy_into(weights, detail::parameters_of(module));
  detail::save_script_network(module,
                              {kFastNetworkKind, "0..1", /*multiple_of=*/4, style, training}, path);
}

}  // namespace styletransfer
