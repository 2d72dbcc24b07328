#include "loss/objective.h"

#include <ATen/ATen.h>

#include <utility>

#include "loss/content_loss.h"
#include "loss/downsample.h"
#include "loss/feature_loss.h"
#include "loss/style/style_losses.h"
#include "loss/target_check.h"
#include "loss/total_variation.h"
#include "vgg/features.h"

namespace styletransfer {

Objective::Objective(const FeatureNetwork& network, const LossOptions& options,
                     const Weights& weights, const ContentTerm& content,
                     const std::vector<StyleTerm>& styles, ExecutionPlan plan)
    : network_(network),
      kind_(options.kind),
      style_loss_(options.style_loss),
      tv_weight_(weights.tv_weight),
      plan_(std::move(plan)) {
  detail::check_targets(options, weights, content, styles);
  add_content(content, weights.content_weight);
  for (const StyleTerm& region : styles) add_style(region, weights.style_weight * region.share);
  if (tv_weight_ > 0.0) terms_.push_back({"total variation", 0.0});
}

Objective::Objective(const FeatureNetwork& network, const LossOptions& options,
                     const Weights& weights, const ContentTarget& content, const StyleTarget& style,
                     ExecutionPlan plan, const LayerWeights& position_weights)
    : Objective(network, options, weights, ContentTerm{content, position_weights, {}},
                {StyleTerm{"", style, position_weights, 1.0}}, std::move(plan)) {}

double Objective::layer_weight(double weight, double power, size_t layers) const {
  // Relative: each term is divided by its target's power, and the layers are averaged.
  if (kind_ != LossKind::kRelative) return weight;
  return power > 0.0 ? weight / power / static_cast<double>(layers) : 0.0;
}

void Objective::add_content(const ContentTerm& content, double weight) {
  for (const auto& [layer, target] : content.target) {
    const at::Tensor counted = weights_at(content.counted, layer);
    const at::Tensor content_weight_map = weights_at(content.content_weight_map, layer);
    const double power = kind_ == LossKind::kRelative ? mean_square(target, counted) : 1.0;
    double own = layer_weight(weight, power, content.target.size());
    at::Tensor positions = counted;
    if (content_weight_map.defined()) {
      positions = counted.defined() ? counted * content_weight_map : content_weight_map;
      // ContentLoss normalizes by the sum of its weights. The map is meant to change the total, so
      // the weight is multiplied by the ratio of the sums.
      const double all = counted.defined() ? counted.sum(at::kDouble).item<double>()
                                           : static_cast<double>(content_weight_map.numel());
      own *= all > 0.0 ? positions.sum(at::kDouble).item<double>() / all : 0.0;
    }
    if (own > 0.0) {
      add_term("content " + layer, layer, std::make_unique<ContentLoss>(target, own, positions));
    }
  }
}

void Objective::add_style(const StyleTerm& region, double weight) {
  std::string name = "style ";
  if (!region.name.empty()) name.append(region.name).append(" ");
  for (const auto& [layer, target] : region.target) {
    const double power =
        kind_ == LossKind::kRelative ? detail::style_power(style_loss_, target) : 1.0;
    const double own = layer_weight(weight, power, region.target.size());
    if (own > 0.0) {
      add_term(
          name + layer, layer,
          detail::make_style_loss(style_loss_, target, own, weights_at(region.counted, layer)));
    }
  }
}

void Objective::add_term(const std::string& name, const std::string& layer,
                         std::unique_ptr<FeatureLoss> loss) {
  terms_.push_back({name, 0.0});
  hooks_.emplace(layer, loss.get());
  losses_.push_back(std::move(loss));
}

DeferredNumber Objective::finish_feature_terms() {
  DeferredNumber sum;
  for (size_t i = 0; i < losses_.size(); ++i) {
    terms_[i].value = losses_[i]->finish();
    sum += terms_[i].value;
  }
  return sum;
}

void Objective::add_downsampled_loss(Objective of_reduced, int factor, int margin_px) {
  reduced_ = Reduced{std::make_unique<Objective>(std::move(of_reduced)), factor, margin_px};
  terms_.push_back({"reduced image", 0.0});
}

DeferredNumber Objective::add_image_terms(const at::Tensor& image, at::Tensor* gradient) {
  DeferredNumber sum;
  if (tv_weight_ > 0.0) {
    at::Tensor unused = gradient != nullptr ? at::Tensor() : at::zeros_like(image);
    terms_[losses_.size()].value = add_total_variation(
        image, kind_ == LossKind::kRelative, tv_weight_, gradient != nullptr ? *gradient : unused);
    sum += terms_[losses_.size()].value;
  }
  if (reduced_) {
    const at::Tensor small = detail::box_downsampled(image, reduced_->factor, reduced_->margin_px);
    DeferredNumber& value = terms_.back().value;
    if (gradient == nullptr) {
      value = reduced_->objective->value(small);
    } else {
      const QueuedEvaluation evaluation = reduced_->objective->queue_evaluation(small);
      detail::add_box_downsampled_gradient(evaluation.gradient, reduced_->factor,
                                           reduced_->margin_px, *gradient);
      value = evaluation.loss;
    }
    sum += value;
  }
  return sum;
}

Objective::QueuedEvaluation Objective::queue_evaluation(const at::Tensor& image_rgb01) {
  const at::Tensor image = kept_ ? kept_->laid_over(image_rgb01) : image_rgb01;
  QueuedEvaluation result;
  result.gradient = network_.forward_backward(
      image, hooks_, [&] { result.loss = finish_feature_terms(); }, plan_);
  result.loss += add_image_terms(image, &result.gradient);
  if (kept_) result.gradient.mul_(1.0 - kept_->kept01);
  return result;
}

Objective::Evaluation Objective::evaluate(const at::Tensor& image_rgb01) {
  QueuedEvaluation queued = queue_evaluation(image_rgb01);
  return {queued.loss.get(), std::move(queued.gradient)};
}

double Objective::value(const at::Tensor& image_rgb01) {
  const at::Tensor image = kept_ ? kept_->laid_over(image_rgb01) : image_rgb01;
  network_.forward(image, hooks_, plan_);
  DeferredNumber loss = finish_feature_terms();
  loss += add_image_terms(image, nullptr);
  return loss.get();
}

std::vector<LossTerm> Objective::terms() const { return known_terms(terms_); }

std::vector<LossTerm> known_terms(const std::vector<Objective::Term>& terms) {
  std::vector<LossTerm> known;
  known.reserve(terms.size());
  for (const Objective::Term& term : terms) known.push_back({term.name, term.value.get()});
  return known;
}

at::Tensor UntouchedPixels::laid_over(const at::Tensor& painted_rgb01) const {
  return image_rgb01 + (painted_rgb01 - image_rgb01) * (1.0 - kept01);
}

}  // namespace styletransfer
