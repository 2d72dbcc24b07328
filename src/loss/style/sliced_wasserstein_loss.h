// Sliced Wasserstein style loss: compares the distributions of projected features.
#pragma once

#include "loss/feature_loss.h"
#include "loss/position_weights.h"

namespace styletransfer::detail {

/// Histograms of a layer's features projected on C orthogonal directions, over the nodes of
/// log_bins. Each projection is shared between the two nodes around it. Accumulated over strips;
/// the histogram of a mixture of images is the mixture of their histograms.
class ProjectionHistograms {
 public:
  /// weights: [H, W], or undefined for all 1.
  explicit ProjectionHistograms(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  /// [C, C] in the features' dtype and device, one direction per row; undefined before the first
  /// add().
  [[nodiscard]] const at::Tensor& directions() const { return directions_; }
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  /// The sum of the position weights since the last take().
  [[nodiscard]] double positions() const { return positions_; }
  /// Returns [C, log_bins::kNodes] float64, on the CPU, or on the GPU for features there; each row
  /// adds up to 1 (0 if no position has weight). Resets the sums.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor directions_;
  at::Tensor counts_;
  double positions_ = 0.0;
};

/// weight * sum over directions of the squared Wasserstein-2 distance between the projections of
/// the features and of the target, both as ProjectionHistograms. In one dimension the optimal
/// transport preserves the order, so it is computed in one pass along both distributions. Gradient
/// with respect to a projection p between nodes a and b: weight / positions * (a + b - 2 q), where
/// q is the target's quantile at the fraction of positions below p: each position is pulled to the
/// target value of its own rank. Exact in strips and without sorting: histograms add up, and the
/// gradient is a function of p alone. Source: Rabin, Peyre, Delon, Bernot, "Wasserstein barycenter
/// and its application to texture mixing", 2011; as a loss on VGG features: Heitz, Vanhoey,
/// Chambon, Belcour, "A sliced Wasserstein loss for neural texture synthesis", CVPR 2021. Departs:
/// the directions are fixed instead of being drawn in every iteration, because L-BFGS requires a
/// deterministic function.
class SlicedWassersteinLoss : public FeatureLoss {
 public:
  /// target: result of ProjectionHistograms::take().
  SlicedWassersteinLoss(at::Tensor target, double weight, PositionWeights position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  at::Tensor cumulated_target_;  // GPU only: cumulative sums along each row
  bool has_target_;              // false if all counts are zero
  double weight_;
  ProjectionHistograms histograms_;
  at::Tensor slopes_;  // [C, kNodes - 1] float64: gradient of a projection between two nodes
};

/// Mean squared norm of the features, computed from their projections.
/// In: result of ProjectionHistograms::take().
[[nodiscard]] double projected_power(const at::Tensor& histograms);

}  // namespace styletransfer::detail
