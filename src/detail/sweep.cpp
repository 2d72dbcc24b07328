#include "detail/sweep.h"

#include <ATen/ATen.h>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "detail/feature_rows.h"
#include "detail/kernels.h"

namespace styletransfer::detail {
namespace {

using Layers = FeatureNetwork::Layers;

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
      const int64_t kept_strips = for_backward ? plan_of(index).kept_strips : 0;
      at::Tensor pooled;
      for (const Strip& strip : strips_of(index)) {
        Activations activations = walk_forward(index, strip);
        show_to_taps(stage, strip, activations);
        if (stage.has_pool()) pool_strip(index, strip, activations, pooled);
        if (std::ssize(kept_[index]) < kept_strips) {
          kept_[index].push_back(std::move(activations));
        }
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

  [[nodiscard]] bool is_kept(size_t index, size_t strip) const {
    return strip < kept_[index].size();
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
                 is_kept(index, i) ? kept_[index][i] : walk_forward(index, strips[i]), pooled);
    }
    return pooled;
  }

  /// Gradient with respect to the stage's input, added up over its strips. The gradient is linear
  /// in what the strips' own rows contribute, so a strip needs no more than its halo.
  at::Tensor differentiate_stage(size_t index, const at::Tensor& upstream) {
    const std::vector<Strip> strips = strips_of(index);
    at::Tensor total;
    for (size_t i = 0; i < strips.size(); ++i) {
      Activations activations =
          is_kept(index, i) ? std::move(kept_[index][i]) : walk_forward(index, strips[i]);
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
    size_t i = stage.steps.size();
    at::Tensor gradient;
    bool finished;  // the ReLU and whoever looks at it are accounted for
    if (can_unpool_on_the_way(stage, upstream)) {
      --i;
      const UnpooledRows rows(layers_.pool_kind, activations.outputs[i],
                              upstream.narrow(0, strip.first / 2, (strip.last - strip.first) / 2),
                              strip.first - strip.outer_first, strip.last - strip.outer_first);
      finished = convolve_back(stage, i, strip, rows, activations, gradient);
    } else {
      Start start = start_gradient(stage, strip, upstream, activations);
      gradient = std::move(start.gradient);
      finished = start.through_relu;
    }
    while (i-- > 0) {
      const Step& step = stage.steps[i];
      if (step.has_relu() && !finished) finish_relu(step, strip, activations.outputs[i], gradient);
      if (step.conv_is_tapped) {
        add_tap_gradients(step.conv_name, strip, activations.conv_outputs[i], false, gradient);
        activations.conv_outputs[i] = at::Tensor();
      }
      if (step.pixel_conv) return step.pixel_conv->backward_input(gradient);
      if (step.conv->backward_on_tiles() != nullptr) {
        const StoredRows rows(gradient);
        finished = convolve_back(stage, i, strip, rows, activations, gradient);
        continue;
      }
      const bool is_first = index == 0 && i == 0;
      const auto dtype = is_first ? layers_.pixel_dtype() : layers_.dtype;
      gradient = as_features(step.conv->backward_input(as_batch(gradient.to(dtype))));
      finished = false;
    }
    return gradient;
  }

  void finish_relu(const Step& step, const Strip& strip, const at::Tensor& features,
                   at::Tensor& gradient) const {
    if (!add_tap_gradients(step.relu_name, strip, features, true, gradient)) {
      detail::relu_backward_(gradient, features);
    }
  }

  /// Nobody but the pooling looks at the stage's last features, and the convolution before them
  /// can read their gradient as it is made.
  [[nodiscard]] bool can_unpool_on_the_way(const Stage& stage, const at::Tensor& upstream) const {
    const Step& last = stage.steps.back();
    return upstream.defined() && last.has_relu() && !last.conv_is_tapped && !last.pixel_conv &&
           last.conv->backward_on_tiles() != nullptr && taps_.count(last.relu_name) == 0;
  }

  /// The gradient of step i's input, on tiles. Returns whether the ReLU that made that input, and
  /// whoever looks at it, are accounted for.
  bool convolve_back(const Stage& stage, size_t i, const Strip& strip, const FeatureRows& rows,
                     Activations& activations, at::Tensor& gradient) const {
    const at::Tensor& output = activations.outputs[i];
    const ConvolutionFinish finish =
        i > 0 ? finish_at(stage.steps[i - 1], strip, activations.outputs[i - 1])
              : ConvolutionFinish();
    gradient =
        stage.steps[i].conv->backward_on_tiles()->run(rows, output.size(0), output.size(1), finish);
    activations.outputs[i] = at::Tensor();
    return finish.features.defined();
  }

  /// What a convolution on tiles can do besides for the features it goes back to: all or nothing.
  [[nodiscard]] ConvolutionFinish finish_at(const Step& step, const Strip& strip,
                                            const at::Tensor& features) const {
    ConvolutionFinish finish;
    if (!step.has_relu()) return finish;
    const auto [first, last] = taps_.equal_range(step.relu_name);
    if (first != last) {
      if (std::next(first) != last) return finish;
      finish.factor = first->second->gradient_matrix();
      if (!finish.factor.defined()) return finish;
      finish.first_row = strip.first - strip.outer_first;
      finish.last_row = strip.last - strip.outer_first;
    }
    finish.features = features;
    return finish;
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

}  // namespace

void sweep_forward(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                   const FeatureTaps& taps, const SweepPlan& plan) {
  Sweep(layers, image, taps, plan).forward(false);
}

at::Tensor sweep_both_ways(const FeatureNetwork::Layers& layers, const at::Tensor& image,
                           const FeatureTaps& taps, const std::function<void()>& between,
                           const SweepPlan& plan) {
  Sweep sweep(layers, image, taps, plan);
  sweep.forward(true);
  between();
  return sweep.backward();
}

}  // namespace styletransfer::detail
