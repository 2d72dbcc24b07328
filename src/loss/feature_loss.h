// Interface of the loss terms that compare features, and position weights at the layers.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "device/deferred_number.h"
#include "vgg/features.h"

namespace styletransfer {

/// Loss term of one layer. Accumulates in the forward pass, then finish() returns its value, then
/// it adds its gradient in the backward pass (see LayerHook).
class FeatureLoss : public LayerHook {
 public:
  /// Returns the weighted value after the forward pass, and resets the sums for the next
  /// evaluation.
  [[nodiscard]] virtual DeferredNumber finish() = 0;
};

/// Position weights of each layer, [H, W] float32, 0 .. 1. A layer that is not listed has weight 1
/// everywhere.
using LayerWeights = std::map<std::string, at::Tensor>;

/// The weights of one layer; undefined if it is not listed.
[[nodiscard]] at::Tensor weights_at(const LayerWeights& weights, const std::string& layer);

/// Downsamples pixel weights to the layers: each position gets the mean weight of the pixels it
/// covers. In: pixel_weights [height, width] float32 on the CPU.
[[nodiscard]] LayerWeights layer_weights(const FeatureNetwork& network,
                                         const std::vector<std::string>& layers,
                                         const at::Tensor& pixel_weights);

/// Mean of the squared elements, in float64. With position weights [H, W], for a tensor [H, W, C],
/// the weighted mean.
[[nodiscard]] double mean_square(const at::Tensor& tensor, const at::Tensor& position_weights = {});

}  // namespace styletransfer
