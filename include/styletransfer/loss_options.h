// Options of the loss: kind, layers, style statistic, and the weights of its terms.
#pragma once

#include <string>
#include <vector>

#include "styletransfer/bounds.h"

namespace styletransfer {

/// kRelative: each term is divided by its target's own power and averaged over the layers.
/// kClassic: the loss of neural-style (Gatys et al. 2016).
enum class LossKind { kRelative, kClassic };

/// Pooling layers of the network; the published VGG weights were trained with kMax.
enum class Pooling { kMax, kAverage };

/// Statistic of a layer's features that is matched to the style images.
enum class StyleLossKind {
  /// Gram matrices (GramLoss).
  kGram,
  /// Mean and covariance, by optimal transport; relative loss only.
  kWasserstein,
  /// Distributions of random projections of the features, by optimal transport; relative loss only.
  kSlicedWasserstein,
};

/// The features that are compared, and the measure of comparison.
struct LossOptions {
  LossKind kind = LossKind::kRelative;
  std::vector<std::string> content_layers{"relu4_2"};
  std::vector<std::string> style_layers{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
  Pooling pooling = Pooling::kMax;
  StyleLossKind style_loss = StyleLossKind::kGram;
};

/// Weights of the loss terms.
struct Weights {
  static constexpr Bounds<double> kBounds{0.0};
  double content_weight;
  double style_weight;
  double tv_weight;

  friend bool operator==(const Weights&, const Weights&) = default;
};
/// Returns the default weights of a loss.
[[nodiscard]] Weights default_weights(LossKind loss);

/// Bounds of a strength.
inline constexpr Bounds<double> kStrengthBounds{0.0, 100.0};

/// Maps a strength of 0 (nearly the photo) .. 100 (nearly the texture) to the content and style
/// weights of the relative loss. The style weight is 12 * 5^((strength - 50) / 25) times the
/// content weight: every 25 points multiply the ratio by 5. Their sum is that of the default
/// weights, which correspond to 50, so that the total variation keeps its share. tv_weight is the
/// default's.
[[nodiscard]] Weights weights_of_strength(double strength);

}  // namespace styletransfer
