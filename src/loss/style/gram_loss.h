// Gram style loss.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

#include "loss/feature_loss.h"
#include "loss/position_weights.h"

namespace styletransfer {

/// Gram matrix of one layer, accumulated over strips: G = F M F^T / (C sum M), with F [C, H W] and
/// M the diagonal matrix of position weights (all 1: divided by C H W). Accumulated in float32 or
/// better for every feature dtype. Source: Gatys, Ecker, Bethge 2016, eq. 3, divided by C H W as in
/// jcjohnson/neural-style; weights as in the guided Gram matrices of Gatys et al. 2017,
/// "Controlling perceptual factors".
class GramSum {
 public:
  /// weights: [H, W], or undefined for all 1.
  explicit GramSum(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  [[nodiscard]] const PositionWeights& weights() const { return weights_; }
  /// The sum of the position weights since the last take().
  [[nodiscard]] double positions() const { return positions_; }
  /// Returns G, [C, C] on the features' device, float64 (float32 on a GPU if the features came in
  /// one strip), and resets the sum.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor sum_;
  double positions_ = 0.0;
};

/// Gram style loss: weight * mean over elements of (G - target)^2, with G as in GramSum.
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

}  // namespace styletransfer
