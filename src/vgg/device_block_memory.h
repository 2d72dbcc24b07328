// Memory estimate for one block on a GPU.
//
// There a block is composed of LibTorch operations, and each result is a separate tensor.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/row_range.h"
#include "vgg/blocks.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// One block for an image of a given size, and the strips it is processed in.
struct DeviceBlock {
  const FeatureNetwork::Layers& layers;
  const Block& block;
  bool is_first = false;
  bool keeps_activations = true;
  int64_t height = 0;
  int64_t width = 0;
  int64_t in_channels = 0;
  std::vector<Rows> strips;
};

/// Peak bytes of a DeviceBlock.
struct DeviceBlockBytes {
  /// Saved for the backward pass, besides the block's input.
  int64_t held = 0;
  /// Temporary memory of a strip in the forward and in the backward pass, without the block's input
  /// and the gradient of its output.
  int64_t forward = 0;
  int64_t backward = 0;
};

/// Computes the estimate without running anything.
[[nodiscard]] DeviceBlockBytes device_block_bytes(const DeviceBlock& of);

}  // namespace styletransfer::detail
