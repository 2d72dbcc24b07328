#include "training/discriminator.h"

namespace styletransfer::detail {

torch::jit::Module make_discriminator(const std::string& type_name, int width, std::uint64_t seed) {
  constexpr int kBlocks = 4;
  ScriptModule network(type_name, seed);
  ConvolutionBlock block;
  block.kernel_px = 4;
  block.pads_by_reflection = false;
  block.activation = Activation::kLeakyRelu;
  for (int block_index = 1; block_index <= kBlocks; ++block_index) {
    block.out_channels = std::int64_t{width} << (block_index - 1);
    block.stride = block_index < kBlocks ? 2 : 1;
    block.normalizes = block_index > 1;
    network.add("stage" + std::to_string(block_index), block);
    block.in_channels = block.out_channels;
  }
  block.out_channels = 1;
  block.normalizes = false;
  block.activation = Activation::kNone;
  network.add("output", block);
  return network.finished();
}

}  // namespace styletransfer::detail
