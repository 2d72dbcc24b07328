// Layer 3: the terms of the loss: content, style, smoothness. Weights come from the pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "styletransfer/features.h"
#include "styletransfer/schedule.h"

namespace styletransfer {

/// Which features are compared, and by which measure.
struct LossOptions {
  LossKind kind = LossKind::kRelative;
  std::vector<std::string> content_layers{"relu4_2"};
  std::vector<std::string> style_layers{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
  Pooling pooling = Pooling::kMax;
};

/// One compared layer: sees its features twice (see FeatureTap), and between the two sweeps tells
/// its share of the loss.
class FeatureLoss : public FeatureTap {
 public:
  /// Ends the first sweep and starts the next evaluation's sums. Returns the weighted value.
  [[nodiscard]] virtual double finish() = 0;
};

/// Gram matrix of one layer, added up over strips: G = F F^T / (C H W), F: [C, H W].
/// Sums are float32 or better for every feature dtype.
/// Source: Gatys, Ecker, Bethge 2016, eq. 3, divided by C H W as in jcjohnson/neural-style.
class GramSum {
 public:
  void add(const at::Tensor& features);
  /// [C, C] on the features' device; starts the next sum.
  [[nodiscard]] at::Tensor take();

 private:
  at::Tensor sum_;
  int64_t positions_ = 0;
};

/// weight * mean over elements of (G - target)^2, G as above.
/// Gradient with respect to F: 4 weight / (C^2 C H W) * (G - target) F.
class GramLoss : public FeatureLoss {
 public:
  GramLoss(at::Tensor target, double weight);
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] double finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  double weight_;
  GramSum gram_;
  int64_t positions_ = 0;
  at::Tensor gradient_factor_;  // [C, C], the features' dtype
};

/// weight * mean over elements of (F - target)^2.
class ContentLoss : public FeatureLoss {
 public:
  /// target: [H, W, C], the run's feature dtype.
  ContentLoss(at::Tensor target, double weight);
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] double finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  double weight_;
  double sum_ = 0.0;
};

/// What the style pictures ask for: by layer the blended Gram matrix, [C, C].
using StyleTarget = std::map<std::string, at::Tensor>;
/// What the content picture asks for: by layer its features, [H, W, C].
using ContentTarget = std::map<std::string, at::Tensor>;

/// In: one picture per style, [h, w, 3] float32 in 0..1, any sizes; `blend` adds up to 1.
[[nodiscard]] StyleTarget style_target(const FeatureNetwork& network,
                                       const std::vector<std::string>& layers,
                                       const std::vector<at::Tensor>& pictures_rgb01,
                                       const std::vector<double>& blend,
                                       const SweepPlan& plan = {});

[[nodiscard]] ContentTarget content_target(const FeatureNetwork& network,
                                           const std::vector<std::string>& layers,
                                           const at::Tensor& picture_rgb01,
                                           const SweepPlan& plan = {});

/// Mean over elements of the squares, in float64.
[[nodiscard]] double mean_square(const at::Tensor& tensor);

/// Sum over both directions of the mean squared difference of neighbouring pixels. With
/// `chroma_only`, of its part in the plane of the axes (1, 0, -1) / sqrt 2 and (1, -2, 1) / sqrt 6
/// of R, G, B: colour noise costs, brightness edges are free.
/// In: [h, w, 3] float32 (or float64). Adds weight * its gradient to `gradient` (same shape).
/// Returns the weighted value. A picture of one row or column has no neighbours that way.
[[nodiscard]] double add_smoothness(const at::Tensor& image_rgb01, bool chroma_only, double weight,
                                    at::Tensor& gradient);

}  // namespace styletransfer
