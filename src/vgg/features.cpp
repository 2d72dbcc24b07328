#include "vgg/features.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "styletransfer/error.h"
#include "vgg/blocks.h"
#include "vgg/forward_backward.h"
#include "vgg/layer_lookup.h"
#include "vgg/network_memory.h"

namespace styletransfer {

using detail::Block;
using detail::ConvRelu;
using detail::PoolKind;

namespace {

/// Preprocessing for VGG (BGR order, mean, scale), part 1: folds scale, standard deviation and
/// channel order of the input convention into the weights of the first convolution, whose input
/// becomes rgb01 - mean / scale.
at::Tensor fold_input_convention(const at::Tensor& weight, const InputConvention& input) {
  at::Tensor folded = weight.to(at::kDouble).clone();
  for (int channel = 0; channel < 3; ++channel) {
    folded.select(1, channel).mul_(input.scale / input.stddev.at(static_cast<size_t>(channel)));
  }
  return input.bgr ? folded.flip({1}) : folded;
}

/// Preprocessing, part 2: mean / scale in R, G, B order, [3] float64.
at::Tensor input_offset(const InputConvention& input) {
  at::Tensor offset = at::empty({3}, at::kDouble);
  for (int channel = 0; channel < 3; ++channel) {
    const int rgb_channel = input.bgr ? 2 - channel : channel;
    offset[rgb_channel] = input.mean.at(static_cast<size_t>(channel)) / input.scale;
  }
  return offset;
}

detail::Convolution::Form convolution_form(const Runtime& runtime) {
  return runtime.multiplies_int16 ? detail::Convolution::Form::kFastestInInt16
                                  : detail::Convolution::Form::kFastest;
}

/// Index one past the deepest requested layer.
size_t deepest_layer(const Network& network, const std::vector<std::string>& names) {
  size_t end = 0;
  for (const std::string& name : names) {
    end = std::max(end, detail::layer_index(network, name) + 1);
  }
  return end;
}

}  // namespace

FeatureNetwork::FeatureNetwork(const Network& network, const std::vector<std::string>& layers,
                               Pooling pooling, const Runtime& runtime) {
  if (runtime.device.is_cpu()) {
    detail::require_network_memory(prepared_bytes(network, layers, runtime));
  }
  auto made = std::make_unique<Layers>();
  made->pool_kind = pooling == Pooling::kMax ? PoolKind::kMax : PoolKind::kAverage;
  made->device = runtime.device;
  made->dtype = runtime.feature_type;
  made->multiplies_int16 = runtime.multiplies_int16;
  made->input_offset = input_offset(network.input).to(runtime.device, made->pixel_dtype());
  made->blocks.emplace_back();
  const size_t end = deepest_layer(network, layers);
  for (size_t i = 0; i < end; ++i) {
    const Layer& layer = network.layers[i];
    if (!made->blocks.back().pool_name.empty()) made->blocks.emplace_back();
    Block& block = made->blocks.back();
    if (layer.kind == LayerKind::kConvolution) {
      const bool is_first = made->blocks.size() == 1 && block.steps.empty();
      block.steps.emplace_back();
      ConvRelu& step = block.steps.back();
      step.conv_name = layer.name;
      step.conv_has_hook = std::find(layers.begin(), layers.end(), layer.name) != layers.end();
      const at::Tensor weight =
          is_first ? fold_input_convention(layer.weight, network.input) : layer.weight;
      const bool followed_by_relu =
          i + 1 < end && network.layers[i + 1].kind == LayerKind::kRelu && !step.conv_has_hook;
      if (is_first && followed_by_relu && made->dtype == at::kBFloat16 && made->device.is_cpu() &&
          detail::AmxFirstLayer::is_usable(weight)) {
        step.pixel_conv.emplace(weight, layer.bias);
      }
      step.conv.emplace(weight, layer.bias, runtime.device,
                        is_first ? made->pixel_dtype() : made->dtype, convolution_form(runtime));
    } else if (layer.kind == LayerKind::kRelu) {
      ConvRelu& step = block.steps.back();
      step.relu_name = layer.name;
      step.relu_has_hook = std::find(layers.begin(), layers.end(), layer.name) != layers.end();
    } else {
      block.pool_name = layer.name;
    }
  }
  layers_ = std::move(made);
}

int64_t FeatureNetwork::prepared_bytes(const Network& network,
                                       const std::vector<std::string>& layers,
                                       const Runtime& runtime) {
  int64_t held = 0;
  int64_t temporary = 0;
  const size_t end = deepest_layer(network, layers);
  for (size_t i = 0; i < end; ++i) {
    const at::Tensor& weight = network.layers[i].weight;
    if (!weight.defined()) continue;
    const auto bytes = detail::Convolution::prepared_bytes(weight, runtime.feature_type,
                                                           convolution_form(runtime));
    held += bytes.held;
    temporary = std::max(temporary, bytes.temporary);
  }
  return held + temporary;
}

FeatureNetwork::~FeatureNetwork() = default;

FeatureNetwork::Shape FeatureNetwork::shape_of(const std::string& layer, int64_t height,
                                               int64_t width) const {
  Shape shape{height, width, 3};
  for (const Block& block : layers_->blocks) {
    for (const ConvRelu& step : block.steps) {
      shape.channels = step.conv->out_channels();
      if (layer == step.conv_name || layer == step.relu_name) return shape;
    }
    shape.height /= 2;
    shape.width /= 2;
    if (layer == block.pool_name) return shape;
  }
  throw UsageError("layer '" + layer + "' is deeper than the layers prepared");
}

int64_t FeatureNetwork::output_bytes(const std::string& layer, int64_t height,
                                     int64_t width) const {
  const Shape shape = shape_of(layer, height, width);
  return shape.height * shape.width * shape.channels *
         static_cast<int64_t>(c10::elementSize(layers_->dtype));
}

int FeatureNetwork::block_count() const { return static_cast<int>(layers_->blocks.size()); }

c10::Device FeatureNetwork::device() const { return layers_->device; }

void FeatureNetwork::forward(const at::Tensor& image_rgb01, const LayerHooks& hooks,
                             const ExecutionPlan& plan) const {
  detail::run_forward(*layers_, image_rgb01, hooks, plan);
}

at::Tensor FeatureNetwork::forward_backward(const at::Tensor& image_rgb01, const LayerHooks& hooks,
                                            const std::function<void()>& between,
                                            const ExecutionPlan& plan) const {
  return detail::run_forward_backward(*layers_, image_rgb01, hooks, between, plan);
}

}  // namespace styletransfer
