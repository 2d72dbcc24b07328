// The walk through a network, forwards and backwards, whole or strip by strip.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "detail/stages.h"
#include "styletransfer/features.h"

namespace styletransfer::detail {

/// See FeatureNetwork::look.
void sweep_forward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                   const FeatureTaps& taps, const SweepPlan& plan);

/// See FeatureNetwork::look_and_differentiate.
[[nodiscard]] at::Tensor sweep_both_ways(const FeatureNetwork::Layers& layers,
                                         const at::Tensor& image, const FeatureTaps& taps,
                                         const std::function<void()>& between,
                                         const SweepPlan& plan);

}  // namespace styletransfer::detail
