#include "styletransfer/features.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "detail/layer_lookup.h"
#include "detail/stages.h"
#include "detail/sweep.h"
#include "styletransfer/error.h"

namespace styletransfer {

using detail::PoolKind;
using detail::Stage;
using detail::Step;

namespace {

/// Folds scale, deviation and channel order of the input convention into the first convolution,
/// whose input then is rgb01 - mean / scale.
at::Tensor fold_input_convention(const at::Tensor& weight, const InputConvention& input) {
  at::Tensor folded = weight.to(at::kDouble).clone();
  for (int channel = 0; channel < 3; ++channel) {
    folded.select(1, channel).mul_(input.scale / input.deviation.at(static_cast<size_t>(channel)));
  }
  return input.bgr ? folded.flip({1}) : folded;
}

at::Tensor input_offset(const InputConvention& input) {
  at::Tensor offset = at::empty({3}, at::kDouble);
  for (int channel = 0; channel < 3; ++channel) {
    const int rgb_channel = input.bgr ? 2 - channel : channel;
    offset[rgb_channel] = input.mean.at(static_cast<size_t>(channel)) / input.scale;
  }
  return offset;
}

/// Index one past the deepest layer asked for.
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
  auto made = std::make_unique<Layers>();
  made->pool_kind = pooling == Pooling::kMax ? PoolKind::kMax : PoolKind::kAverage;
  made->device = runtime.device;
  made->dtype = runtime.feature_type;
  made->multiplies_int16 = runtime.multiplies_int16;
  made->input_offset = input_offset(network.input).to(runtime.device, made->pixel_dtype());
  made->stages.emplace_back();
  const size_t end = deepest_layer(network, layers);
  for (size_t i = 0; i < end; ++i) {
    const Layer& layer = network.layers[i];
    if (!made->stages.back().pool_name.empty()) made->stages.emplace_back();
    Stage& stage = made->stages.back();
    if (layer.kind == LayerKind::kConvolution) {
      const bool is_first = made->stages.size() == 1 && stage.steps.empty();
      stage.steps.emplace_back();
      Step& step = stage.steps.back();
      step.conv_name = layer.name;
      step.conv_is_tapped = std::find(layers.begin(), layers.end(), layer.name) != layers.end();
      const at::Tensor weight =
          is_first ? fold_input_convention(layer.weight, network.input) : layer.weight;
      const bool followed_by_relu =
          i + 1 < end && network.layers[i + 1].kind == LayerKind::kRelu && !step.conv_is_tapped;
      if (is_first && followed_by_relu && made->dtype == at::kBFloat16 && made->device.is_cpu() &&
          detail::PixelConvolution::is_usable(weight)) {
        step.pixel_conv.emplace(weight, layer.bias);
      }
      step.conv.emplace(weight, layer.bias, runtime.device,
                        is_first ? made->pixel_dtype() : made->dtype,
                        runtime.multiplies_int16 ? detail::Convolution::Form::kFastestInInt16
                                                 : detail::Convolution::Form::kFastest);
    } else if (layer.kind == LayerKind::kRelu) {
      Step& step = stage.steps.back();
      step.relu_name = layer.name;
      step.relu_is_tapped = std::find(layers.begin(), layers.end(), layer.name) != layers.end();
    } else {
      stage.pool_name = layer.name;
    }
  }
  layers_ = std::move(made);
}

FeatureNetwork::~FeatureNetwork() = default;

FeatureNetwork::Shape FeatureNetwork::shape_of(const std::string& layer, int64_t height,
                                               int64_t width) const {
  Shape shape{height, width, 3};
  for (const Stage& stage : layers_->stages) {
    for (const Step& step : stage.steps) {
      shape.channels = step.conv->out_channels();
      if (layer == step.conv_name || layer == step.relu_name) return shape;
    }
    shape.height /= 2;
    shape.width /= 2;
    if (layer == stage.pool_name) return shape;
  }
  throw UsageError("layer '" + layer + "' is deeper than the layers prepared");
}

int64_t FeatureNetwork::output_bytes(const std::string& layer, int64_t height,
                                     int64_t width) const {
  const Shape shape = shape_of(layer, height, width);
  return shape.height * shape.width * shape.channels *
         static_cast<int64_t>(c10::elementSize(layers_->dtype));
}

int FeatureNetwork::stage_count() const { return static_cast<int>(layers_->stages.size()); }

c10::Device FeatureNetwork::device() const { return layers_->device; }

void FeatureNetwork::look(const at::Tensor& image_rgb01, const FeatureTaps& taps,
                          const SweepPlan& plan) const {
  detail::sweep_forward(*layers_, image_rgb01, taps, plan);
}

at::Tensor FeatureNetwork::look_and_differentiate(const at::Tensor& image_rgb01,
                                                  const FeatureTaps& taps,
                                                  const std::function<void()>& between,
                                                  const SweepPlan& plan) const {
  return detail::sweep_both_ways(*layers_, image_rgb01, taps, between, plan);
}

}  // namespace styletransfer
