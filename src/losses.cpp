#include "styletransfer/losses.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/gram.h"
#include "detail/kernels.h"

namespace styletransfer {
namespace {

/// A tap that adds up a Gram matrix and wants no gradient.
class GramProbe : public FeatureTap {
 public:
  void accumulate(const at::Tensor& features, int64_t /*first_row*/) override {
    gram_.add(features);
  }
  void add_gradient(const at::Tensor& /*features*/, int64_t /*first_row*/, bool /*through_relu*/,
                    at::Tensor& /*gradient*/) override {}
  at::Tensor take() { return gram_.take(); }

 private:
  GramSum gram_;
};

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

}  // namespace

void GramSum::add(const at::Tensor& features) {
  const at::Tensor product = detail::gram_product(features.flatten(0, 1));
  if (sum_.defined()) {
    sum_.add_(product);
  } else {
    sum_ = product.to(features.is_mps() ? at::kFloat : at::kDouble);
  }
  positions_ += features.size(0) * features.size(1);
}

at::Tensor GramSum::take() {
  const auto count = static_cast<double>(positions_) * static_cast<double>(sum_.size(0));
  positions_ = 0;
  return std::exchange(sum_, at::Tensor()).div_(count);
}

GramLoss::GramLoss(at::Tensor target, double weight)
    : target_(std::move(target)), weight_(weight) {}

void GramLoss::accumulate(const at::Tensor& features, int64_t /*first_row*/) {
  gram_.add(features);
  positions_ += features.size(0) * features.size(1);
  if (!gradient_factor_.defined()) {
    gradient_factor_ = at::empty(target_.sizes(), features.options());
  }
}

double GramLoss::finish() {
  const auto channels = static_cast<double>(target_.size(0));
  const double factor =
      4.0 * weight_ / (channels * channels * channels * static_cast<double>(positions_));
  positions_ = 0;
  return weight_ * detail::scaled_difference(gram_.take(), target_, factor, gradient_factor_);
}

void GramLoss::add_gradient(const at::Tensor& features, int64_t /*first_row*/, bool through_relu,
                            at::Tensor& gradient) {
  at::Tensor rows = gradient.flatten(0, 1);
  detail::add_gram_gradient_(rows, features.flatten(0, 1), gradient_factor_, through_relu);
}

ContentLoss::ContentLoss(at::Tensor target, double weight)
    : target_(std::move(target)), weight_(weight) {}

void ContentLoss::accumulate(const at::Tensor& features, int64_t first_row) {
  sum_ += detail::squared_distance(features, target_.narrow(0, first_row, features.size(0)));
}

double ContentLoss::finish() {
  return weight_ * std::exchange(sum_, 0.0) / static_cast<double>(target_.numel());
}

void ContentLoss::add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                               at::Tensor& gradient) {
  detail::add_scaled_difference_(gradient, features,
                                 target_.narrow(0, first_row, features.size(0)),
                                 2.0 * weight_ / static_cast<double>(target_.numel()));
  if (through_relu) detail::relu_backward_(gradient, features);
}

StyleTarget style_target(const FeatureNetwork& network, const std::vector<std::string>& layers,
                         const std::vector<at::Tensor>& pictures_rgb01,
                         const std::vector<double>& blend, const SweepPlan& plan) {
  StyleTarget target;
  for (size_t i = 0; i < pictures_rgb01.size(); ++i) {
    // A share of nothing is left out, so that 1,0 is exactly the first style alone.
    if (blend[i] == 0.0) continue;
    std::map<std::string, GramProbe> probes;
    FeatureTaps taps;
    for (const std::string& layer : layers) taps.emplace(layer, &probes[layer]);
    network.look(pictures_rgb01[i], taps, plan);
    for (auto& [layer, probe] : probes) {
      const at::Tensor gram = probe.take().mul_(blend[i]);
      at::Tensor& sum = target[layer];
      sum = sum.defined() ? sum + gram : gram;
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

double mean_square(const at::Tensor& tensor) {
  if (tensor.dim() == 3 && tensor.scalar_type() == at::kBFloat16) {
    return detail::squared_distance(tensor, at::zeros_like(tensor)) /
           static_cast<double>(tensor.numel());
  }
  const auto wide = tensor.is_mps() ? at::kFloat : at::kDouble;
  return tensor.to(wide).square().mean().item<double>();
}

}  // namespace styletransfer
