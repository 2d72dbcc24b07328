// A layer's features compared, direction by direction, by how they are distributed.
#pragma once

#include "styletransfer/losses.h"

namespace styletransfer::detail {

/// How the positions' features, projected on each of C orthogonal directions, are distributed over
/// the nodes of octave_grid; a projection counts for the two nodes that it lies between. Added up
/// over strips, and linear in the picture.
class ProjectionHistograms {
 public:
  /// weights: [H, W], or undefined: all 1.
  explicit ProjectionHistograms(PositionWeights weights = {}) : weights_(std::move(weights)) {}
  void add(const at::Tensor& features, int64_t first_row);
  /// [C, C] in the features' dtype and place, a direction a row; undefined before the first add.
  [[nodiscard]] const at::Tensor& directions() const { return directions_; }
  [[nodiscard]] PositionWeights& weights() { return weights_; }
  /// The sum of the weights so far.
  [[nodiscard]] double positions() const { return positions_; }
  /// [C, octave_grid::kNodes] float64, on the CPU or, of features on a GPU, there; each row adding
  /// up to 1 (0 where no position counts); starts the next sum.
  [[nodiscard]] at::Tensor take();

 private:
  PositionWeights weights_;
  at::Tensor directions_;
  at::Tensor counts_;
  double positions_ = 0.0;
};

/// weight * sum over the directions of the squared Wasserstein-2 distance between the projections
/// of the features and those of the target, both as ProjectionHistograms sees them. In one
/// dimension the cheapest transport keeps the order, so it is found by walking along both
/// distributions. Gradient with respect to a projection p between the nodes a and b: weight /
/// positions * (a + b - 2 q), q the target's quantile at the part of the positions that lie below:
/// each position is drawn to the place of its own rank. Exact in strips, and without sorting:
/// counts add up, and the slope depends on p alone. Source: Rabin, Peyre, Delon, Bernot,
/// "Wasserstein barycenter and its application to texture mixing", 2011; as a loss on VGG's
/// features: Heitz, Vanhoey, Chambon, Belcour, "A sliced Wasserstein loss for neural texture
/// synthesis", CVPR 2021. The directions stay the same throughout, where theirs are drawn anew at
/// each step: L-BFGS wants one function.
class SlicedWassersteinLoss : public FeatureLoss {
 public:
  /// target: as ProjectionHistograms takes it.
  SlicedWassersteinLoss(at::Tensor target, double weight, PositionWeights position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  at::Tensor cumulated_target_;  // on a GPU, along each row
  bool has_target_;              // whether anything of it counts
  double weight_;
  ProjectionHistograms histograms_;
  at::Tensor slopes_;  // [C, kNodes - 1] float64: the gradient between two nodes
};

/// Mean squared length of the features, by their projections.
/// In: counts as ProjectionHistograms takes them.
[[nodiscard]] double projected_power(const at::Tensor& histograms);

}  // namespace styletransfer::detail
