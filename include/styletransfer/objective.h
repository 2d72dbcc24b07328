// Layer 5: value and gradient of the whole loss for a picture. How it is computed (whole, in
// strips, in which precision, where) is hidden here.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "styletransfer/losses.h"
#include "styletransfer/progress.h"

namespace styletransfer {

class Objective {
 public:
  /// content and style: targets captured with the same network, the content at the picture's size.
  /// A term whose target has no power (a network that sees nothing in a blank picture) cannot be
  /// measured relative to it and is left out of the relative loss. position_weights: how much each
  /// position of the picture counts in both feature terms.
  Objective(const FeatureNetwork& network, const LossOptions& options, const Weights& weights,
            const ContentTarget& content, const StyleTarget& style, SweepPlan plan = {},
            const LayerWeights& position_weights = {});

  struct Evaluation {
    double loss = 0.0;
    /// dLoss/dimage: [height, width, 3] float32.
    at::Tensor gradient;
  };
  /// image: [height, width, 3] float32, R G B in 0..1.
  [[nodiscard]] Evaluation evaluate(const at::Tensor& image_rgb01);

  /// The loss alone, without the backward sweep.
  [[nodiscard]] double value(const at::Tensor& image_rgb01);

  /// The weighted terms of the last evaluation.
  [[nodiscard]] const std::vector<LossTerm>& terms() const { return terms_; }

 private:
  void add_term(const std::string& name, const std::string& layer,
                std::unique_ptr<FeatureLoss> loss);
  double finish_feature_terms();

  const FeatureNetwork& network_;
  LossKind kind_;
  double tv_weight_;
  SweepPlan plan_;
  std::vector<std::unique_ptr<FeatureLoss>> losses_;
  FeatureTaps taps_;
  std::vector<LossTerm> terms_;  // feature terms in the order of losses_, then smoothness
};

}  // namespace styletransfer
