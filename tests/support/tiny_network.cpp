#include "support/tiny_network.h"

#include <ATen/ATen.h>

#include <cmath>

#include "support/numbers.h"

namespace styletransfer {
namespace {

// About the standard deviation of a Caffe input.
constexpr double kInputDeviation = 64.0;

Layer random_convolution(const std::string& name, std::int64_t in, std::int64_t out,
                         std::uint64_t seed) {
  // He's initialization preserves the scale of features from layer to layer.
  const double stddev = std::sqrt(2.0 / static_cast<double>(9 * in));
  return {name, LayerKind::kConvolution, random_normal({out, in, 3, 3}, seed).mul_(stddev),
          random_normal({out}, seed + 1).mul_(0.1)};
}

at::Tensor naive_input(const InputConvention& input, const at::Tensor& image_rgb01) {
  const at::Tensor rgb = image_rgb01.to(at::kDouble).permute({2, 0, 1});
  at::Tensor channels = input.scale * (input.bgr ? rgb.flip({0}) : rgb);
  for (int c = 0; c < 3; ++c) {
    const auto index = static_cast<std::size_t>(c);
    channels[c].sub_(input.mean.at(index)).div_(input.stddev.at(index));
  }
  return channels.unsqueeze(0);
}

}  // namespace

Network tiny_network(const TinyNetworkOptions& options) {
  Network network;
  network.input = input_convention("caffe");
  network.input.bgr = options.bgr;
  network.source = "random numbers";
  std::int64_t channels = 3;
  std::uint64_t seed = 1000 * options.seed;
  for (std::size_t block = 0; block < options.channels.size(); ++block) {
    const std::string number = std::to_string(block + 1);
    for (const char* place : {"_1", "_2"}) {
      network.layers.push_back(
          random_convolution("conv" + number + place, channels, options.channels[block], seed));
      network.layers.push_back({"relu" + number + place, LayerKind::kRelu, {}, {}});
      channels = options.channels[block];
      seed += 2;
    }
    network.layers.push_back({"pool" + number, LayerKind::kPool, {}, {}});
  }
  network.layers.front().weight.div_(kInputDeviation);
  return network;
}

std::map<std::string, at::Tensor> naive_features(const Network& network,
                                                 const at::Tensor& image_rgb01, Pooling pooling) {
  std::map<std::string, at::Tensor> features;
  at::Tensor value = naive_input(network.input, image_rgb01);
  for (const Layer& layer : network.layers) {
    switch (layer.kind) {
      case LayerKind::kConvolution:
        value = at::conv2d(value, layer.weight.to(at::kDouble), layer.bias.to(at::kDouble), 1, 1);
        break;
      case LayerKind::kRelu:
        value = at::relu(value);
        break;
      case LayerKind::kPool:
        if (value.size(2) < 2 || value.size(3) < 2) return features;
        value =
            pooling == Pooling::kMax ? at::max_pool2d(value, 2, 2) : at::avg_pool2d(value, 2, 2);
        break;
    }
    features[layer.name] = value.squeeze(0);
  }
  return features;
}

}  // namespace styletransfer
