#include "styletransfer/objective.h"

#include <ATen/ATen.h>

#include <utility>

namespace styletransfer {

Objective::Objective(const FeatureNetwork& network, const LossOptions& options,
                     const Weights& weights, const ContentTarget& content, const StyleTarget& style,
                     SweepPlan plan, const LayerWeights& position_weights)
    : network_(network),
      kind_(options.kind),
      tv_weight_(weights.tv_weight),
      plan_(std::move(plan)) {
  const bool relative = options.kind == LossKind::kRelative;
  // Relative: each term over its target's own power, and the mean over the layers.
  const auto weight_of = [&](double weight, double power, size_t layers) {
    if (!relative) return weight;
    return power > 0.0 ? weight / power / static_cast<double>(layers) : 0.0;
  };
  const auto positions_of = [&](const std::string& layer) {
    const auto found = position_weights.find(layer);
    return found == position_weights.end() ? at::Tensor() : found->second;
  };
  for (auto& [layer, target] : content) {
    const at::Tensor positions = positions_of(layer);
    const double power = relative ? mean_square(target, positions) : 1.0;
    const double weight = weight_of(weights.content_weight, power, content.size());
    if (weight > 0.0) {
      add_term("content " + layer, layer, std::make_unique<ContentLoss>(target, weight, positions));
    }
  }
  for (auto& [layer, target] : style) {
    const double weight =
        weight_of(weights.style_weight, relative ? mean_square(target) : 1.0, style.size());
    if (weight > 0.0) {
      add_term("style " + layer, layer,
               std::make_unique<GramLoss>(target, weight, positions_of(layer)));
    }
  }
  if (tv_weight_ > 0.0) terms_.push_back({"smoothness", 0.0});
}

void Objective::add_term(const std::string& name, const std::string& layer,
                         std::unique_ptr<FeatureLoss> loss) {
  terms_.push_back({name, 0.0});
  taps_.emplace(layer, loss.get());
  losses_.push_back(std::move(loss));
}

double Objective::finish_feature_terms() {
  double sum = 0.0;
  for (size_t i = 0; i < losses_.size(); ++i) {
    terms_[i].value = losses_[i]->finish();
    sum += terms_[i].value;
  }
  return sum;
}

Objective::Evaluation Objective::evaluate(const at::Tensor& image_rgb01) {
  Evaluation result;
  result.gradient = network_.look_and_differentiate(
      image_rgb01, taps_, [&] { result.loss = finish_feature_terms(); }, plan_);
  if (tv_weight_ > 0.0) {
    terms_.back().value =
        add_smoothness(image_rgb01, kind_ == LossKind::kRelative, tv_weight_, result.gradient);
    result.loss += terms_.back().value;
  }
  return result;
}

double Objective::value(const at::Tensor& image_rgb01) {
  network_.look(image_rgb01, taps_, plan_);
  double loss = finish_feature_terms();
  if (tv_weight_ > 0.0) {
    at::Tensor unused = at::zeros_like(image_rgb01);
    terms_.back().value =
        add_smoothness(image_rgb01, kind_ == LossKind::kRelative, tv_weight_, unused);
    loss += terms_.back().value;
  }
  return loss;
}

}  // namespace styletransfer
