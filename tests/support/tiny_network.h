// Small networks for tests, laid out and named like VGG, with random weights.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "styletransfer/model.h"
#include "vgg/features.h"

namespace styletransfer {

struct TinyNetworkOptions {
  /// Channels of blocks 1 to 5. The AMX first-layer convolution needs 64 in the first block.
  std::vector<std::int64_t> channels{4, 5, 6, 7, 8};
  std::uint64_t seed = 1;
  bool bgr = true;
};

/// conv1_1, relu1_1, conv1_2, relu1_2, pool1, ... with two convolutions in every block. The weights
/// of the first one are scaled to the Caffe convention's input of -128..128, so that features of
/// every layer are about 1.
[[nodiscard]] Network tiny_network(const TinyNetworkOptions& options = {});

/// The features of every layer, [C, H, W] float64, computed directly from the definitions: whole
/// image, LibTorch's own operators, channel order and mean applied to the pixels. In: [h, w, 3], R
/// G B in 0..1.
[[nodiscard]] std::map<std::string, at::Tensor> naive_features(const Network& network,
                                                               const at::Tensor& image_rgb01,
                                                               Pooling pooling = Pooling::kMax);

}  // namespace styletransfer
