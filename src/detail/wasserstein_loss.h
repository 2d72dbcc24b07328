// Mean and covariance of a layer's features, compared by optimal transport.
#pragma once

#include "styletransfer/losses.h"

namespace styletransfer::detail {

/// First and second moments of one layer, added up over strips. With F [C, positions] and M the
/// positions' weights: E f f^T = F M F^T / sum M over E f = F M 1 / sum M. Both are linear in the
/// picture, so moments of a mixture of pictures are the mixture of their moments.
class MomentSum {
 public:
  /// weights: [H, W], or undefined: all 1.
  explicit MomentSum(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  /// The sum of the weights so far.
  [[nodiscard]] double positions() const { return positions_; }
  /// [C + 1, C] float64 on the features' device (float32 where it has no float64), the mean in the
  /// last row; starts the next sum.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor second_;
  at::Tensor first_;
  double positions_ = 0.0;
};

/// weight * (|m - m_s|^2 + W(S, S_s)^2): the squared Wasserstein-2 distance between the normal
/// distributions that have the features' mean m and covariance S and the target's. 1e-3 of the
/// target's mean variance is added to both covariances' diagonals, for layers with more channels
/// than positions.
/// Gradient with respect to a position's f: 2 weight / positions * ((f - m) - T (f - m) + m - m_s),
/// T the transport map from S to S_s: each position is drawn to where the map would carry it.
/// Exact in strips: moments add up, and the gradient is F times one matrix plus one vector.
/// Source: Olkin and Pukelsheim 1982 (distance, map); Bhatia, Jain, Lim, "On the Bures-Wasserstein
/// distance between positive definite matrices", 2019 (derivative); as a style loss: Vacher et al.,
/// "Texture interpolation for probing visual perception", 2020.
class WassersteinLoss : public FeatureLoss {
 public:
  /// target: moments as MomentSum takes them.
  WassersteinLoss(const at::Tensor& target, double weight, PositionWeights position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_mean_;
  /// Square root of the target's covariance with the addition.
  at::Tensor target_root_;
  at::Tensor addition_;
  double weight_;
  MomentSum moments_;
  at::TensorOptions feature_options_;
  at::Tensor gradient_factor_;  // [C, C], the features' dtype
  at::Tensor gradient_offset_;  // [C], the same
};

/// Mean squared length of the features: what a squared distance between them is measured against.
/// In: moments as MomentSum takes them.
[[nodiscard]] double moment_power(const at::Tensor& moments);

}  // namespace styletransfer::detail
