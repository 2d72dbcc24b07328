#include "styletransfer/objective.h"

#include <ATen/ATen.h>

#include <utility>

#include "detail/box_reduction.h"
#include "detail/style_losses.h"
#include "detail/target_check.h"

namespace styletransfer {

Objective::Objective(const FeatureNetwork& network, const LossOptions& options,
                     const Weights& weights, const ContentAim& content,
                     const std::vector<StyleRegion>& styles, SweepPlan plan)
    : network_(network),
      kind_(options.kind),
      style_loss_(options.style_loss),
      tv_weight_(weights.tv_weight),
      plan_(std::move(plan)) {
  detail::check_targets(options, weights, content, styles);
  add_content(content, weights.content_weight);
  for (const StyleRegion& region : styles) add_style(region, weights.style_weight * region.share);
  if (tv_weight_ > 0.0) terms_.push_back({"smoothness", 0.0});
}

Objective::Objective(const FeatureNetwork& network, const LossOptions& options,
                     const Weights& weights, const ContentTarget& content, const StyleTarget& style,
                     SweepPlan plan, const LayerWeights& position_weights)
    : Objective(network, options, weights, ContentAim{content, position_weights, {}},
                {StyleRegion{"", style, position_weights, 1.0}}, std::move(plan)) {}

double Objective::layer_weight(double weight, double power, size_t layers) const {
  // Relative: each term over its target's own power, and the mean over the layers.
  if (kind_ != LossKind::kRelative) return weight;
  return power > 0.0 ? weight / power / static_cast<double>(layers) : 0.0;
}

void Objective::add_content(const ContentAim& content, double weight) {
  for (const auto& [layer, target] : content.target) {
    const at::Tensor counted = weights_at(content.counted, layer);
    const at::Tensor emphasis = weights_at(content.emphasis, layer);
    const double power = kind_ == LossKind::kRelative ? mean_square(target, counted) : 1.0;
    double own = layer_weight(weight, power, content.target.size());
    at::Tensor positions = counted;
    if (emphasis.defined()) {
      positions = counted.defined() ? counted * emphasis : emphasis;
      // The loss divides by the sum of its weights; the emphasis is to change the sum.
      const double all = counted.defined() ? counted.sum(at::kDouble).item<double>()
                                           : static_cast<double>(emphasis.numel());
      own *= all > 0.0 ? positions.sum(at::kDouble).item<double>() / all : 0.0;
    }
    if (own > 0.0) {
      add_term("content " + layer, layer, std::make_unique<ContentLoss>(target, own, positions));
    }
  }
}

void Objective::add_style(const StyleRegion& region, double weight) {
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
  taps_.emplace(layer, loss.get());
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

void Objective::also_judge_reduced(Objective of_reduced, int factor, int margin_px) {
  reduced_ = Reduced{std::make_unique<Objective>(std::move(of_reduced)), factor, margin_px};
  terms_.push_back({"reduced picture", 0.0});
}

DeferredNumber Objective::add_picture_terms(const at::Tensor& picture, at::Tensor* gradient) {
  DeferredNumber sum;
  if (tv_weight_ > 0.0) {
    at::Tensor unused = gradient != nullptr ? at::Tensor() : at::zeros_like(picture);
    terms_[losses_.size()].value = add_smoothness(picture, kind_ == LossKind::kRelative, tv_weight_,
                                                  gradient != nullptr ? *gradient : unused);
    sum += terms_[losses_.size()].value;
  }
  if (reduced_) {
    const at::Tensor small = detail::box_reduced(picture, reduced_->factor, reduced_->margin_px);
    DeferredNumber& value = terms_.back().value;
    if (gradient == nullptr) {
      value = reduced_->objective->value(small);
    } else {
      const QueuedEvaluation evaluation = reduced_->objective->queue_evaluation(small);
      detail::add_box_reduced_gradient(evaluation.gradient, reduced_->factor, reduced_->margin_px,
                                       *gradient);
      value = evaluation.loss;
    }
    sum += value;
  }
  return sum;
}

Objective::QueuedEvaluation Objective::queue_evaluation(const at::Tensor& image_rgb01) {
  const at::Tensor picture = kept_ ? kept_->laid_over(image_rgb01) : image_rgb01;
  QueuedEvaluation result;
  result.gradient = network_.look_and_differentiate(
      picture, taps_, [&] { result.loss = finish_feature_terms(); }, plan_);
  result.loss += add_picture_terms(picture, &result.gradient);
  if (kept_) result.gradient.mul_(1.0 - kept_->kept01);
  return result;
}

Objective::Evaluation Objective::evaluate(const at::Tensor& image_rgb01) {
  QueuedEvaluation queued = queue_evaluation(image_rgb01);
  return {queued.loss.get(), std::move(queued.gradient)};
}

double Objective::value(const at::Tensor& image_rgb01) {
  const at::Tensor picture = kept_ ? kept_->laid_over(image_rgb01) : image_rgb01;
  network_.look(picture, taps_, plan_);
  DeferredNumber loss = finish_feature_terms();
  loss += add_picture_terms(picture, nullptr);
  return loss.get();
}

std::vector<LossTerm> Objective::terms() const { return known_terms(terms_); }

std::vector<LossTerm> known_terms(const std::vector<Objective::Term>& terms) {
  std::vector<LossTerm> known;
  known.reserve(terms.size());
  for (const Objective::Term& term : terms) known.push_back({term.name, term.value.get()});
  return known;
}

at::Tensor KeptPlaces::laid_over(const at::Tensor& painted_rgb01) const {
  return picture_rgb01 + (painted_rgb01 - picture_rgb01) * (1.0 - kept01);
}

}  // namespace styletransfer
