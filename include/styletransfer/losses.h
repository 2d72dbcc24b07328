// Layer 4: the terms of the loss: content, style, smoothness. Weights come from the pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/deferred_number.h"
#include "styletransfer/features.h"
#include "styletransfer/position_weights.h"
#include "styletransfer/schedule.h"

namespace styletransfer {

/// The statistic of a layer's features in which the style pictures are matched.
enum class StyleLossKind {
  /// Gram matrices (GramLoss).
  kGram,
  /// Mean and covariance, by optimal transport; with the relative loss only.
  kWasserstein,
  /// The distributions of the features' projections, by optimal transport; with the relative loss
  /// only.
  kSlicedWasserstein,
};

/// Which features are compared, and by which measure.
struct LossOptions {
  LossKind kind = LossKind::kRelative;
  std::vector<std::string> content_layers{"relu4_2"};
  std::vector<std::string> style_layers{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
  Pooling pooling = Pooling::kMax;
  StyleLossKind style_loss = StyleLossKind::kGram;
};

/// One compared layer: sees its features twice (see FeatureTap), and between the two sweeps tells
/// its share of the loss.
class FeatureLoss : public FeatureTap {
 public:
  /// Ends the first sweep and starts the next evaluation's sums. Returns the weighted value.
  [[nodiscard]] virtual DeferredNumber finish() = 0;
};

/// How much each position of each layer counts: by layer [H, W] float32, 0 .. 1. A layer that is
/// not listed counts everywhere.
using LayerWeights = std::map<std::string, at::Tensor>;

/// The weights of one layer; undefined: it counts everywhere.
[[nodiscard]] at::Tensor weights_at(const LayerWeights& weights, const std::string& layer);

/// The weights of a picture's pixels carried to the layers: each position gets the mean weight of
/// the pixels it stands for. In: [height, width] float32 on the CPU.
[[nodiscard]] LayerWeights layer_weights(const FeatureNetwork& network,
                                         const std::vector<std::string>& layers,
                                         const at::Tensor& pixel_weights);

/// Gram matrix of one layer, added up over strips: G = F M F^T / (C sum M), F: [C, H W], M the
/// positions' weights (all 1: divided by C H W). Sums are float32 or better for every feature
/// dtype. Source: Gatys, Ecker, Bethge 2016, eq. 3, divided by C H W as in jcjohnson/neural-style;
/// the weights as the guided Gram matrices of Gatys et al. 2017, "Controlling perceptual factors".
class GramSum {
 public:
  /// weights: [H, W], or undefined: all 1.
  explicit GramSum(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  [[nodiscard]] const PositionWeights& weights() const { return weights_; }
  /// The sum of the weights so far.
  [[nodiscard]] double positions() const { return positions_; }
  /// [C, C] on the features' device, float64 (float32 where they are not on the CPU and came in
  /// one strip); starts the next sum.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor sum_;
  double positions_ = 0.0;
};

/// weight * mean over elements of (G - target)^2, G as above.
/// Gradient with respect to F: 4 weight / (C^2 C sum M) * (G - target) F M.
class GramLoss : public FeatureLoss {
 public:
  GramLoss(at::Tensor target, double weight, PositionWeights position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;
  [[nodiscard]] at::Tensor gradient_matrix() const override {
    return gram_.weights().defined() ? at::Tensor() : gradient_factor_;
  }

 private:
  at::Tensor target_;
  double weight_;
  GramSum gram_;
  at::Tensor gradient_factor_;  // [C, C], the features' dtype
};

/// weight * mean over elements of (F - target)^2; with position weights, the weighted mean.
class ContentLoss : public FeatureLoss {
 public:
  /// target: [H, W, C], the run's feature dtype.
  ContentLoss(at::Tensor target, double weight, const at::Tensor& position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  double weight_;
  at::Tensor position_weights_;  // [H, W, 1] in the target's dtype
  double elements_;              // that count
  DeferredNumber sum_;
};

/// What the style pictures ask for: by layer the blended statistic; of StyleLossKind::kGram the
/// Gram matrix, [C, C].
using StyleTarget = std::map<std::string, at::Tensor>;
/// What the content picture asks for: by layer its features, [H, W, C].
using ContentTarget = std::map<std::string, at::Tensor>;

/// A style picture as the network sees it.
struct StylePicture {
  at::Tensor rgb01;          // [h, w, 3] float32
  at::Tensor pixel_weights;  // [h, w] float32, or undefined: all pixels count
  double blend = 1.0;        // the pictures' add up to 1
};

[[nodiscard]] StyleTarget style_target(const FeatureNetwork& network,
                                       const std::vector<std::string>& layers,
                                       const std::vector<StylePicture>& pictures,
                                       const SweepPlan& plan = {},
                                       StyleLossKind kind = StyleLossKind::kGram);

[[nodiscard]] ContentTarget content_target(const FeatureNetwork& network,
                                           const std::vector<std::string>& layers,
                                           const at::Tensor& picture_rgb01,
                                           const SweepPlan& plan = {});

/// Mean over elements of the squares, in float64; with position weights [H, W] for a tensor
/// [H, W, C], the weighted mean.
[[nodiscard]] double mean_square(const at::Tensor& tensor, const at::Tensor& position_weights = {});

/// Sum over both directions of the mean squared difference of neighbouring pixels. With
/// `chroma_only`, of its part in the plane of the axes (1, 0, -1) / sqrt 2 and (1, -2, 1) / sqrt 6
/// of R, G, B: colour noise costs, brightness edges are free.
/// In: [h, w, 3] float32 (or float64). Adds weight * its gradient to `gradient` (same shape).
/// Returns the weighted value. A picture of one row or column has no neighbours that way.
[[nodiscard]] DeferredNumber add_smoothness(const at::Tensor& image_rgb01, bool chroma_only,
                                            double weight, at::Tensor& gradient);

}  // namespace styletransfer
