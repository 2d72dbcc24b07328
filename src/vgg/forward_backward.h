// Forward and backward pass through all blocks of a network, for a whole image or strip by strip.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "vgg/blocks.h"
#include "vgg/features.h"

namespace styletransfer::detail {

/// See FeatureNetwork::forward.
void run_forward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                 const LayerHooks& hooks, const ExecutionPlan& plan);

/// See FeatureNetwork::forward_backward.
[[nodiscard]] at::Tensor run_forward_backward(const FeatureNetwork::Layers& layers,
                                              const at::Tensor& image, const LayerHooks& hooks,
                                              const std::function<void()>& between,
                                              const ExecutionPlan& plan);

}  // namespace styletransfer::detail
