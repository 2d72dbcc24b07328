// Content and style targets: the features and statistics that the losses compare with.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "styletransfer/loss_options.h"
#include "vgg/features.h"

namespace styletransfer {

/// Style target: the blended style statistic of each layer (kGram: the Gram matrix, [C, C]).
using StyleTarget = std::map<std::string, at::Tensor>;
/// Content target: the features of each layer, [H, W, C].
using ContentTarget = std::map<std::string, at::Tensor>;

/// A style image, prepared for the network.
struct StyleImage {
  at::Tensor rgb01;          // [h, w, 3] float32
  at::Tensor pixel_weights;  // [h, w] float32, or undefined for all 1
  double blend = 1.0;        // share of this image; the shares add up to 1
};

/// Computes the style target: the mixture of the images' statistics, weighted by `blend`.
[[nodiscard]] StyleTarget style_target(const FeatureNetwork& network,
                                       const std::vector<std::string>& layers,
                                       const std::vector<StyleImage>& images,
                                       const ExecutionPlan& plan = {},
                                       StyleLossKind kind = StyleLossKind::kGram);

/// Computes the content target from an image [h, w, 3].
[[nodiscard]] ContentTarget content_target(const FeatureNetwork& network,
                                           const std::vector<std::string>& layers,
                                           const at::Tensor& image_rgb01,
                                           const ExecutionPlan& plan = {});

}  // namespace styletransfer
