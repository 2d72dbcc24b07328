#include "styletransfer/features.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "detail/convolution.h"
#include "detail/kernels.h"
#include "detail/layer_lookup.h"
#include "detail/pixel_convolution.h"
#include "styletransfer/error.h"

namespace styletransfer {

using detail::Convolution;
using detail::PoolKind;

namespace {

/// One convolution and the ReLU after it.
struct Step {
  std::string conv_name;
  std::string relu_name;  // empty: no ReLU follows
  std::optional<Convolution> conv;
  /// Set for the first convolution where the processor has a faster form for it.
  std::optional<detail::PixelConvolution> pixel_conv;
  /// Someone looks at the convolution's own output, so the ReLU cannot be folded into it.
  bool conv_is_tapped = false;

  [[nodiscard]] bool has_relu() const { return !relu_name.empty(); }
};

/// The layers between two poolings. Rows of its output depend on rows of its input at most
/// `steps.size()` away.
struct Stage {
  std::vector<Step> steps;
  std::string pool_name;  // empty: the network ends here

  [[nodiscard]] bool has_pool() const { return !pool_name.empty(); }
  [[nodiscard]] int64_t halo() const { return static_cast<int64_t>(steps.size()); }
};

/// Rows [first, last) of a stage whose results are this strip's own, inside the rows
/// [outer_first, outer_last) that it computes on (halo included, cut at the picture's edge).
struct Strip {
  int64_t first;
  int64_t last;
  int64_t outer_first;
  int64_t outer_last;

  /// The strip's own rows of a tensor that holds its outer rows.
  [[nodiscard]] at::Tensor own(const at::Tensor& outer_rows) const {
    return outer_rows.narrow(0, first - outer_first, last - first);
  }
};

std::vector<Strip> cut_into_strips(int64_t rows, int64_t strip_rows, int64_t halo) {
  // Even heights, so that no pooling cell is cut.
  const int64_t height = std::min(rows, std::max<int64_t>(2, strip_rows + strip_rows % 2));
  std::vector<Strip> strips;
  for (int64_t first = 0; first < rows; first += height) {
    int64_t last = std::min(rows, first + height);
    if (rows - last < 2) last = rows;  // a lone last row has no pooling cell of its own
    strips.push_back(
        {first, last, std::max<int64_t>(0, first - halo), std::min(rows, last + halo)});
    if (last == rows) break;
  }
  return strips;
}

/// [1, c, h, w] channels-last seen as [h, w, c] contiguous, and back.
at::Tensor as_features(const at::Tensor& batch) { return batch.permute({0, 2, 3, 1}).squeeze(0); }
at::Tensor as_batch(const at::Tensor& features) {
  return features.unsqueeze(0).permute({0, 3, 1, 2});
}

/// What a strip's forward walk leaves behind for its backward walk; features of the outer rows.
struct Activations {
  std::vector<at::Tensor> conv_outputs;  // only of steps whose convolution is tapped
  std::vector<at::Tensor> outputs;       // after the ReLU
};

}  // namespace

struct FeatureNetwork::Layers {
  std::vector<Stage> stages;
  PoolKind pool_kind = PoolKind::kMax;
  c10::Device device{c10::kCPU};
  c10::ScalarType dtype = c10::kFloat;
  /// mean / scale of the network's input convention, in R, G, B order: [3].
  at::Tensor input_offset;

  /// Pixels, and therefore the first convolution, need more digits than bfloat16 has: steps of
  /// less than half of 1/255 would vanish.
  [[nodiscard]] c10::ScalarType pixel_dtype() const {
    return dtype == c10::kDouble ? c10::kDouble : c10::kFloat;
  }
};

namespace {

using Layers = FeatureNetwork::Layers;

/// One walk through the network for one picture.
class Sweep {
 public:
  Sweep(const Layers& layers, const at::Tensor& image, const FeatureTaps& taps,
        const SweepPlan& plan)
      : layers_(layers), image_(image), taps_(taps), plan_(plan) {}

  void forward(bool for_backward) {
    inputs_.assign(layers_.stages.size(), at::Tensor());
    kept_.assign(layers_.stages.size(), {});
    for (size_t index = 0; index < layers_.stages.size(); ++index) {
      const Stage& stage = layers_.stages[index];
      const bool keep = for_backward && plan_of(index).keep;
      at::Tensor pooled;
      for (const Strip& strip : strips_of(index)) {
        Activations activations = walk_forward(index, strip);
        show_to_taps(stage, strip, activations);
        if (stage.has_pool()) pool_strip(index, strip, activations, pooled);
        if (keep) kept_[index].push_back(std::move(activations));
      }
      if (stage.has_pool()) {
        tap_all(stage.pool_name, pooled, 0);
        if (index + 1 < layers_.stages.size()) inputs_[index + 1] = pooled;
      }
      if (!for_backward) inputs_[index] = at::Tensor();
    }
  }

  at::Tensor backward() {
    at::Tensor upstream;
    for (size_t index = layers_.stages.size(); index-- > 0;) {
      const Stage& stage = layers_.stages[index];
      if (stage.has_pool()) add_pool_taps(index, upstream);
      // Nobody looks at the pooled features any more.
      if (index + 1 < inputs_.size()) inputs_[index + 1] = at::Tensor();
      upstream = differentiate_stage(index, upstream);
    }
    return upstream;
  }

 private:
  [[nodiscard]] SweepPlan::Stage plan_of(size_t index) const {
    return index < plan_.stages.size() ? plan_.stages[index] : SweepPlan::Stage{};
  }
  [[nodiscard]] int64_t rows_of(size_t index) const {
    return index == 0 ? image_.size(0) : inputs_[index].size(0);
  }
  [[nodiscard]] std::vector<Strip> strips_of(size_t index) const {
    return cut_into_strips(rows_of(index), plan_of(index).strip_rows, layers_.stages[index].halo());
  }

  static at::Tensor outer_rows(const at::Tensor& rows, const Strip& strip) {
    return rows.narrow(0, strip.outer_first, strip.outer_last - strip.outer_first);
  }

  /// The stage's input for the strip's outer rows: [1, c, rows, w], channels-last.
  [[nodiscard]] at::Tensor input_rows(size_t index, const Strip& strip) const {
    if (index > 0) return as_batch(outer_rows(inputs_[index], strip));
    const at::Tensor rows = outer_rows(image_, strip).to(layers_.device, layers_.pixel_dtype());
    return as_batch(at::sub(rows, layers_.input_offset));
  }

  [[nodiscard]] Activations walk_forward(size_t index, const Strip& strip) const {
    Activations result;
    at::Tensor value;
    for (const Step& step : layers_.stages[index].steps) {
      if (step.pixel_conv) {
        const at::Tensor features =
            step.pixel_conv->forward_relu(outer_rows(image_, strip), layers_.input_offset);
        value = as_batch(features);
        result.conv_outputs.emplace_back();
        result.outputs.push_back(features);
        continue;
      }
      if (!value.defined()) value = input_rows(index, strip);
      const bool changes_dtype = value.scalar_type() != layers_.dtype;
      const bool fold_relu = step.has_relu() && !step.conv_is_tapped && !changes_dtype;
      value = step.conv->forward(value, fold_relu);
      if (step.conv_is_tapped) {
        value = value.to(layers_.dtype);
        result.conv_outputs.push_back(as_features(value));
      } else {
        result.conv_outputs.emplace_back();
      }
      if (!fold_relu) {
        value = step.has_relu() ? detail::relu_as(value, layers_.dtype) : value.to(layers_.dtype);
      }
      result.outputs.push_back(as_features(value));
    }
    return result;
  }

  void tap_all(const std::string& layer, const at::Tensor& features, int64_t first_row) const {
    const auto [first, last] = taps_.equal_range(layer);
    for (auto tap = first; tap != last; ++tap) tap->second->accumulate(features, first_row);
  }

  void show_to_taps(const Stage& stage, const Strip& strip, const Activations& activations) const {
    for (size_t i = 0; i < stage.steps.size(); ++i) {
      const Step& step = stage.steps[i];
      if (step.conv_is_tapped) {
        tap_all(step.conv_name, strip.own(activations.conv_outputs[i]), strip.first);
      }
      if (step.has_relu()) {
        tap_all(step.relu_name, strip.own(activations.outputs[i]), strip.first);
      }
    }
  }

  void pool_strip(size_t index, const Strip& strip, const Activations& activations,
                  at::Tensor& pooled) const {
    const at::Tensor own = strip.own(activations.outputs.back());
    if (!pooled.defined()) {
      pooled = at::empty({rows_of(index) / 2, own.size(1) / 2, own.size(2)}, own.options());
    }
    const int64_t rows = own.size(0) / 2;
    if (rows > 0) {
      detail::pool_2x2(layers_.pool_kind, own, pooled.narrow(0, strip.first / 2, rows));
    }
  }

  /// Adds the gradient of whoever looks at a pooling's output.
  void add_pool_taps(size_t index, at::Tensor& upstream) const {
    const auto [first, last] = taps_.equal_range(layers_.stages[index].pool_name);
    if (first == last) return;
    // The last stage's pooled features are not an input of anything, so they are pooled again.
    at::Tensor pooled = index + 1 < inputs_.size() ? inputs_[index + 1] : last_pooled(index);
    if (!upstream.defined()) upstream = at::zeros_like(pooled);
    for (auto tap = first; tap != last; ++tap)
      tap->second->add_gradient(pooled, 0, false, upstream);
  }

  [[nodiscard]] at::Tensor last_pooled(size_t index) const {
    at::Tensor pooled;
    const std::vector<Strip> strips = strips_of(index);
    for (size_t i = 0; i < strips.size(); ++i) {
      pool_strip(index, strips[i],
                 kept_[index].empty() ? walk_forward(index, strips[i]) : kept_[index][i], pooled);
    }
    return pooled;
  }

  /// Gradient with respect to the stage's input, added up over its strips. The gradient is linear
  /// in what the strips' own rows contribute, so a strip needs no more than its halo.
  at::Tensor differentiate_stage(size_t index, const at::Tensor& upstream) {
    const std::vector<Strip> strips = strips_of(index);
    at::Tensor total;
    for (size_t i = 0; i < strips.size(); ++i) {
      const bool kept = !kept_[index].empty();
      Activations activations = kept ? std::move(kept_[index][i]) : walk_forward(index, strips[i]);
      at::Tensor part = walk_backward(index, strips[i], upstream, activations);
      if (strips.size() == 1) {
        total = std::move(part);
        break;
      }
      if (!total.defined()) {
        total = at::zeros({rows_of(index), part.size(1), part.size(2)}, part.options());
      }
      total.narrow(0, strips[i].outer_first, part.size(0)).add_(part);
    }
    return total;
  }

  /// The strip's contribution to the gradient of its input: [outer rows, w, c].
  at::Tensor walk_backward(size_t index, const Strip& strip, const at::Tensor& upstream,
                           Activations& activations) const {
    const Stage& stage = layers_.stages[index];
    auto [gradient, through_relu] = start_gradient(stage, strip, upstream, activations);
    for (size_t i = stage.steps.size(); i-- > 0;) {
      const Step& step = stage.steps[i];
      if (step.has_relu()) {
        const bool by_tap = add_tap_gradients(step.relu_name, strip, activations.outputs[i],
                                              !through_relu, gradient);
        if (!by_tap && !through_relu) detail::relu_backward_(gradient, activations.outputs[i]);
      }
      through_relu = false;
      activations.outputs[i] = at::Tensor();
      if (step.conv_is_tapped) {
        add_tap_gradients(step.conv_name, strip, activations.conv_outputs[i], false, gradient);
        activations.conv_outputs[i] = at::Tensor();
      }
      if (step.pixel_conv) return step.pixel_conv->backward_input(gradient);
      const bool is_first = index == 0 && i == 0;
      const auto dtype = is_first ? layers_.pixel_dtype() : layers_.dtype;
      gradient = as_features(step.conv->backward_input(as_batch(gradient.to(dtype))));
    }
    return gradient;
  }

  struct Start {
    at::Tensor gradient;
    bool through_relu;  // the last step's ReLU is already accounted for
  };
  [[nodiscard]] Start start_gradient(const Stage& stage, const Strip& strip,
                                     const at::Tensor& upstream,
                                     const Activations& activations) const {
    const at::Tensor& last = activations.outputs.back();
    if (!upstream.defined()) return {at::zeros_like(last), false};
    const bool last_is_tapped = taps_.count(stage.steps.back().relu_name) > 0;
    const bool through_relu = stage.steps.back().has_relu() && !last_is_tapped;
    at::Tensor gradient = at::empty_like(last);
    const int64_t before = strip.first - strip.outer_first;
    const int64_t after = strip.outer_last - strip.last;
    if (before > 0) gradient.narrow(0, 0, before).zero_();
    if (after > 0) gradient.narrow(0, gradient.size(0) - after, after).zero_();
    at::Tensor own = strip.own(gradient);
    const int64_t pooled_rows = own.size(0) / 2;
    detail::pool_2x2_backward(layers_.pool_kind, strip.own(last),
                              upstream.narrow(0, strip.first / 2, pooled_rows), through_relu, own);
    return {gradient, through_relu};
  }

  /// Adds what the layer's taps ask for, on the strip's own rows, and with `through_relu` lets the
  /// last of them apply the ReLU's gradient. Returns whether that was done for every row.
  bool add_tap_gradients(const std::string& layer, const Strip& strip, const at::Tensor& features,
                         bool through_relu, at::Tensor& gradient) const {
    const auto [first, last] = taps_.equal_range(layer);
    if (first == last) return false;
    at::Tensor own = strip.own(gradient);
    for (auto tap = first; tap != last; ++tap) {
      const bool last_tap = std::next(tap) == last;
      tap->second->add_gradient(strip.own(features), strip.first, through_relu && last_tap, own);
    }
    if (!through_relu) return false;
    // The halo's rows have no taps of their own.
    const int64_t before = strip.first - strip.outer_first;
    const int64_t after = strip.outer_last - strip.last;
    apply_relu_to(gradient, features, 0, before);
    apply_relu_to(gradient, features, gradient.size(0) - after, after);
    return true;
  }

  static void apply_relu_to(at::Tensor& gradient, const at::Tensor& features, int64_t first,
                            int64_t count) {
    if (count == 0) return;
    at::Tensor rows = gradient.narrow(0, first, count);
    detail::relu_backward_(rows, features.narrow(0, first, count));
  }

  const Layers& layers_;
  const at::Tensor& image_;
  const FeatureTaps& taps_;
  const SweepPlan& plan_;
  std::vector<at::Tensor> inputs_;              // per stage; [0] is the image's
  std::vector<std::vector<Activations>> kept_;  // per stage and strip
};

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
                        is_first ? made->pixel_dtype() : made->dtype);
    } else if (layer.kind == LayerKind::kRelu) {
      stage.steps.back().relu_name = layer.name;
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

int64_t FeatureNetwork::sweep_bytes(int64_t height, int64_t width, const SweepPlan& plan) const {
  const auto value_bytes = static_cast<int64_t>(c10::elementSize(layers_->dtype));
  int64_t held = 0;  // stage inputs and kept activations of the stages before
  int64_t peak = 0;
  int64_t in_channels = 3;
  for (size_t i = 0; i < layers_->stages.size(); ++i) {
    const Stage& stage = layers_->stages[i];
    const SweepPlan::Stage how = i < plan.stages.size() ? plan.stages[i] : SweepPlan::Stage{};
    const std::vector<Strip> strips = cut_into_strips(height, how.strip_rows, stage.halo());
    int64_t all_rows = 0;
    int64_t most_rows = 0;
    for (const Strip& strip : strips) {
      all_rows += strip.outer_last - strip.outer_first;
      most_rows = std::max(most_rows, strip.outer_last - strip.outer_first);
    }
    int64_t channels = 0;       // of all outputs together
    int64_t two_gradients = 0;  // a layer's and its input's, side by side
    int64_t before = in_channels;
    for (const Step& step : stage.steps) {
      const int64_t own = step.conv->out_channels();
      channels += step.conv_is_tapped ? 2 * own : own;
      two_gradients = std::max(two_gradients, own + before);
      before = own;
    }
    const int64_t row_bytes = width * value_bytes;
    const int64_t pooled = stage.has_pool() ? (height / 2) * (width / 2) * before * value_bytes : 0;
    const int64_t activations = (how.keep ? all_rows : most_rows) * channels * row_bytes;
    const int64_t input_gradient =
        strips.size() == 1 ? 0 : height * width * in_channels * (i == 0 ? 4 : value_bytes);
    const int64_t forward = held + activations + pooled;
    // Upstream gradient, the strip's own two gradients, the sum over strips.
    const int64_t backward =
        held + activations + pooled + most_rows * two_gradients * row_bytes + input_gradient;
    peak = std::max({peak, forward, backward});
    held += pooled + (how.keep ? activations : 0);
    height /= 2;
    width /= 2;
    in_channels = before;
  }
  return peak;
}

int FeatureNetwork::stage_count() const { return static_cast<int>(layers_->stages.size()); }

void FeatureNetwork::look(const at::Tensor& image_rgb01, const FeatureTaps& taps,
                          const SweepPlan& plan) const {
  Sweep(*layers_, image_rgb01, taps, plan).forward(false);
}

at::Tensor FeatureNetwork::look_and_differentiate(const at::Tensor& image_rgb01,
                                                  const FeatureTaps& taps,
                                                  const std::function<void()>& between,
                                                  const SweepPlan& plan) const {
  Sweep sweep(*layers_, image_rgb01, taps, plan);
  sweep.forward(true);
  between();
  return sweep.backward();
}

}  // namespace styletransfer
