#include "styletransfer/losses.h"

#include <ATen/ATen.h>

#include <memory>
#include <utility>

#include "detail/gram.h"
#include "detail/kernels.h"
#include "detail/style_losses.h"

namespace styletransfer {
namespace {

/// A tap that keeps a layer's features, put together from their strips.
class FeatureProbe : public FeatureTap {
 public:
  explicit FeatureProbe(int64_t rows) : rows_(rows) {}
  void accumulate(const at::Tensor& features, int64_t first_row) override {
    if (!features_.defined()) {
      features_ = at::empty({rows_, features.size(1), features.size(2)}, features.options());
    }
    features_.narrow(0, first_row, features.size(0)).copy_(features);
  }
  void add_gradient(const at::Tensor& /*features*/, int64_t /*first_row*/, bool /*through_relu*/,
                    at::Tensor& /*gradient*/) override {}
  at::Tensor take() { return std::move(features_); }

 private:
  int64_t rows_;
  at::Tensor features_;
};

/// A strip's rows of [H, W] weights as [rows, W, 1] in the features' own type.
at::Tensor beside(const at::Tensor& weights, const at::Tensor& features, int64_t first_row) {
  return weights.narrow(0, first_row, features.size(0))
      .to(features.device(), features.scalar_type())
      .unsqueeze(2);
}

}  // namespace

at::Tensor weights_at(const LayerWeights& weights, const std::string& layer) {
  const auto found = weights.find(layer);
  return found == weights.end() ? at::Tensor() : found->second;
}

LayerWeights layer_weights(const FeatureNetwork& network, const std::vector<std::string>& layers,
                           const at::Tensor& pixel_weights) {
  LayerWeights weights;
  for (const std::string& layer : layers) {
    const auto shape = network.shape_of(layer, pixel_weights.size(0), pixel_weights.size(1));
    weights[layer] = at::adaptive_avg_pool2d(pixel_weights.unsqueeze(0).unsqueeze(0),
                                             {shape.height, shape.width})
                         .squeeze(0)
                         .squeeze(0);
  }
  return weights;
}

void GramSum::add(const at::Tensor& features, int64_t first_row) {
  const StripWeights own = weights_.beside(features, first_row);
  const at::Tensor product = detail::gram_product(features.flatten(0, 1), own.flat);
  const auto wide = features.is_mps() ? at::kFloat : at::kDouble;
  if (sum_.defined()) {
    sum_ = sum_.to(wide).add_(product);
  } else {
    // Elsewhere than on the CPU a sum of one product needs no more digits than that has.
    sum_ = features.is_cpu() ? product.to(wide) : product;
  }
  positions_ += own.sum;
}

at::Tensor GramSum::take() {
  // Weights that are all zero leave a sum of zero, whatever it is divided by.
  const double count = (positions_ > 0.0 ? positions_ : 1.0) * static_cast<double>(sum_.size(0));
  positions_ = 0.0;
  return std::exchange(sum_, at::Tensor()).div_(count);
}

GramLoss::GramLoss(at::Tensor target, double weight, PositionWeights position_weights)
    : target_(std::move(target)), weight_(weight), gram_(std::move(position_weights)) {}

void GramLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  gram_.add(features, first_row);
  if (!gradient_factor_.defined()) {
    gradient_factor_ = at::empty(target_.sizes(), features.options());
  }
}

DeferredNumber GramLoss::finish() {
  const auto channels = static_cast<double>(target_.size(0));
  const double positions = gram_.positions();
  const double factor =
      positions > 0.0 ? 4.0 * weight_ / (channels * channels * channels * positions) : 0.0;
  DeferredNumber value = detail::scaled_difference(gram_.take(), target_, factor, gradient_factor_);
  value *= weight_;
  return value;
}

void GramLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                            at::Tensor& gradient) {
  at::Tensor rows = gradient.flatten(0, 1);
  detail::add_gram_gradient_(rows, features.flatten(0, 1), gradient_factor_, through_relu,
                             gram_.weights().beside(features, first_row).flat);
}

ContentLoss::ContentLoss(at::Tensor target, double weight, const at::Tensor& position_weights)
    : target_(std::move(target)), weight_(weight), elements_(static_cast<double>(target_.numel())) {
  if (!position_weights.defined()) return;
  position_weights_ = beside(position_weights, target_, 0);
  const double counted =
      position_weights.sum(at::kDouble).item<double>() * static_cast<double>(target_.size(2));
  elements_ = counted > 0.0 ? counted : 1.0;
}

void ContentLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  const int64_t rows = features.size(0);
  const at::Tensor target = target_.narrow(0, first_row, rows);
  if (!position_weights_.defined()) {
    sum_ += detail::squared_distance(features, target);
    return;
  }
  const auto wide = features.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  sum_ += DeferredNumber(at::linalg_vector_norm(features - target, 2, {2}, /*keepdim=*/true, wide)
                             .square_()
                             .mul_(position_weights_.narrow(0, first_row, rows))
                             .sum(features.is_mps() ? at::kFloat : at::kDouble));
}

DeferredNumber ContentLoss::finish() {
  DeferredNumber value = std::exchange(sum_, DeferredNumber());
  value *= weight_;
  value /= elements_;
  return value;
}

void ContentLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                               at::Tensor& gradient) {
  const int64_t rows = features.size(0);
  const at::Tensor target = target_.narrow(0, first_row, rows);
  const double factor = 2.0 * weight_ / elements_;
  if (position_weights_.defined()) {
    gradient.add_((features - target).mul_(position_weights_.narrow(0, first_row, rows)), factor);
  } else {
    detail::add_scaled_difference_(gradient, features, target, factor);
  }
  if (through_relu) detail::relu_backward_(gradient, features);
}

StyleTarget style_target(const FeatureNetwork& network, const std::vector<std::string>& layers,
                         const std::vector<StylePicture>& pictures, const SweepPlan& plan,
                         StyleLossKind kind) {
  StyleTarget target;
  for (const StylePicture& picture : pictures) {
    // A share of nothing is left out, so that 1,0 is exactly the first style alone.
    if (picture.blend == 0.0) continue;
    const LayerWeights weights = picture.pixel_weights.defined()
                                     ? layer_weights(network, layers, picture.pixel_weights)
                                     : LayerWeights();
    std::map<std::string, std::unique_ptr<detail::StyleProbe>> probes;
    FeatureTaps taps;
    for (const std::string& layer : layers) {
      probes[layer] = detail::make_style_probe(kind, weights_at(weights, layer));
      taps.emplace(layer, probes[layer].get());
    }
    network.look(picture.rgb01, taps, plan);
    for (auto& [layer, probe] : probes) {
      const at::Tensor taken = probe->take();
      const at::Tensor statistic =
          taken.to(taken.is_mps() ? at::kFloat : at::kDouble).mul_(picture.blend);
      at::Tensor& sum = target[layer];
      sum = sum.defined() ? sum + statistic : statistic;
    }
  }
  return target;
}

ContentTarget content_target(const FeatureNetwork& network, const std::vector<std::string>& layers,
                             const at::Tensor& picture_rgb01, const SweepPlan& plan) {
  std::map<std::string, FeatureProbe> probes;
  FeatureTaps taps;
  for (const std::string& layer : layers) {
    const auto shape = network.shape_of(layer, picture_rgb01.size(0), picture_rgb01.size(1));
    taps.emplace(layer, &probes.try_emplace(layer, shape.height).first->second);
  }
  network.look(picture_rgb01, taps, plan);
  ContentTarget target;
  for (auto& [layer, probe] : probes) target[layer] = probe.take();
  return target;
}

double mean_square(const at::Tensor& tensor, const at::Tensor& position_weights) {
  const auto wide = tensor.is_mps() ? at::kFloat : at::kDouble;
  if (position_weights.defined()) {
    const at::Tensor weights = position_weights.to(tensor.device(), wide);
    const double counted = weights.sum().item<double>() * static_cast<double>(tensor.size(2));
    if (counted == 0.0) return 0.0;
    return tensor.to(wide).square_().mul_(weights.unsqueeze(2)).sum().item<double>() / counted;
  }
  if (tensor.dim() == 3 && tensor.scalar_type() == at::kBFloat16) {
    return detail::squared_distance(tensor, at::zeros_like(tensor)).get() /
           static_cast<double>(tensor.numel());
  }
  return tensor.to(wide).square().mean().item<double>();
}

}  // namespace styletransfer
