// Wasserstein style loss: compares mean and covariance of features by optimal transport.
#pragma once

#include "loss/feature_loss.h"
#include "loss/position_weights.h"

namespace styletransfer::detail {

/// First and second moments of one layer, accumulated over strips. With F [C, positions] and M the
/// diagonal matrix of position weights: E f f^T = F M F^T / sum M, stacked over E f = F M 1 / sum
/// M. The moments of a mixture of images are the mixture of their moments.
class MomentSum {
 public:
  /// weights: [H, W], or undefined for all 1.
  explicit MomentSum(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  /// The sum of the position weights since the last take().
  [[nodiscard]] double positions() const { return positions_; }
  /// Returns [C + 1, C] float64 on the features' device (float32 if it has no float64), the mean in
  /// the last row, and resets the sums.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor second_;
  at::Tensor first_;
  double positions_ = 0.0;
};

/// weight * (|m - m_s|^2 + W(S, S_s)^2): the squared Wasserstein-2 distance between normal
/// distributions with the features' mean m and covariance S, and with the target's m_s and S_s.
/// 1e-3 of the target's mean variance is added to the diagonals of both covariances, for layers
/// with more channels than positions. Gradient with respect to the features f of a position: 2
/// weight / positions * ((f - m) - T (f - m) + m
/// - m_s), with T the transport map from S to S_s: each position is pulled to its image under the
/// map. Exact in strips: moments add up, and the gradient is F times one matrix plus one vector.
/// Source: Olkin and Pukelsheim 1982 (distance, map); Bhatia, Jain, Lim, "On the Bures-Wasserstein
/// distance between positive definite matrices", 2019 (derivative); as a style loss: Vacher et al.,
/// "Texture interpolation for probing visual perception", 2020.
class WassersteinLoss : public FeatureLoss {
 public:
  /// target: result of MomentSum::take().
  WassersteinLoss(const at::Tensor& target, double weight, PositionWeights position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_mean_;
  /// Symmetric square root of the target's covariance plus addition_.
  at::Tensor target_root_;
  at::Tensor addition_;  // [C, C] diagonal, see above
  double weight_;
  MomentSum moments_;
  at::TensorOptions feature_options_;
  at::Tensor gradient_factor_;  // [C, C], the features' dtype
  at::Tensor gradient_offset_;  // [C], likewise
};

/// Mean squared norm of the features, the scale of squared distances between them.
/// In: result of MomentSum::take().
[[nodiscard]] double moment_power(const at::Tensor& moments);

}  // namespace styletransfer::detail
