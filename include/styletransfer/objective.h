// Layer 5: value and gradient of the whole loss for a picture. How it is computed (whole, in
// strips, in which precision, where) is hidden here.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "styletransfer/deferred_number.h"
#include "styletransfer/losses.h"
#include "styletransfer/progress.h"

namespace styletransfer {

/// What the content picture asks for, and where.
struct ContentAim {
  ContentTarget target;
  /// How much each position counts; empty: all alike.
  LayerWeights counted;
  /// Factors of the content weight by position, 0 or more; empty: 1 everywhere. They take no part
  /// in the measure of the target's power.
  LayerWeights emphasis;
};

/// What one style, or a mixture, asks for in its part of the picture.
struct StyleRegion {
  /// Stands behind "style" in the names of the region's terms ("2"); empty: the only region.
  std::string name;
  StyleTarget target;
  /// How much each position counts as the region's; empty: the whole picture.
  LayerWeights counted;
  /// The region's part of the picture's area. Its loss is multiplied by this, which makes the pull
  /// on each of its positions that of a style that has the whole picture.
  double share = 1.0;
};

/// Places that stay as another picture has them.
struct KeptPlaces {
  /// [h, w, 3] float32, what is kept.
  at::Tensor picture_rgb01;
  /// [h, w, 1] float32: 1 is kept, 0 is painted, between them is a mixture.
  at::Tensor kept01;

  /// The painted picture with the kept one laid over it; exactly the kept one where kept01 is 1.
  [[nodiscard]] at::Tensor laid_over(const at::Tensor& painted_rgb01) const;
};

class Objective {
 public:
  /// Targets captured with the same network, the content at the picture's size.
  /// A term whose target has no power (a network that sees nothing in a blank picture) cannot be
  /// measured relative to it and is left out of the relative loss. Throws RunError when no target
  /// has any, or features are not finite. Each region has Gram matrices
  /// of its own; with regions r: style_weight * sum over r of share_r * mean over layers of ...
  Objective(const FeatureNetwork& network, const LossOptions& options, const Weights& weights,
            const ContentAim& content, const std::vector<StyleRegion>& styles, SweepPlan plan = {});

  /// One region. position_weights: how much each position of the picture counts in both terms.
  Objective(const FeatureNetwork& network, const LossOptions& options, const Weights& weights,
            const ContentTarget& content, const StyleTarget& style, SweepPlan plan = {},
            const LayerWeights& position_weights = {});

  /// From now on an image is judged with these places laid over it. On the image's device.
  void keep(KeptPlaces places) { kept_ = std::move(places); }

  /// From now on an image is also judged as it looks from afar: the loss of the image reduced by
  /// the mean of boxes of factor x factor pixels is added. The image has a mirrored margin of
  /// `margin_px`, and so has the reduced one, which `of_reduced` is for.
  void also_judge_reduced(Objective of_reduced, int factor, int margin_px);

  struct Evaluation {
    double loss = 0.0;
    /// dLoss/dimage: [height, width, 3] float32.
    at::Tensor gradient;
  };
  /// image: [height, width, 3] float32, R G B in 0..1.
  [[nodiscard]] Evaluation evaluate(const at::Tensor& image_rgb01);

  struct QueuedEvaluation {
    DeferredNumber loss;
    at::Tensor gradient;
  };
  /// The same without waiting for a device to finish it.
  [[nodiscard]] QueuedEvaluation queue_evaluation(const at::Tensor& image_rgb01);

  /// The loss alone, without the backward sweep.
  [[nodiscard]] double value(const at::Tensor& image_rgb01);

  /// The weighted terms of the last evaluation. Waits for a device that has not finished them,
  /// unless the evaluation's loss has been read: they are read with it.
  [[nodiscard]] std::vector<LossTerm> terms() const;

  struct Term {
    std::string name;
    DeferredNumber value;
  };
  /// The same without waiting. Feature terms, then smoothness, then the reduced image.
  [[nodiscard]] const std::vector<Term>& queued_terms() const { return terms_; }

 private:
  /// The weight of a term over its target's power, one of `layers`; classic: the weight itself.
  [[nodiscard]] double layer_weight(double weight, double power, size_t layers) const;
  void add_content(const ContentAim& content, double weight);
  void add_style(const StyleRegion& region, double weight);
  void add_term(const std::string& name, const std::string& layer,
                std::unique_ptr<FeatureLoss> loss);
  DeferredNumber finish_feature_terms();
  /// The terms that need the pixels; adds their gradient where there is one.
  DeferredNumber add_picture_terms(const at::Tensor& picture, at::Tensor* gradient);

  const FeatureNetwork& network_;
  LossKind kind_;
  StyleLossKind style_loss_;
  double tv_weight_;
  SweepPlan plan_;
  std::optional<KeptPlaces> kept_;
  std::vector<std::unique_ptr<FeatureLoss>> losses_;
  FeatureTaps taps_;
  struct Reduced {
    std::unique_ptr<Objective> objective;
    int factor;
    int margin_px;
  };
  std::optional<Reduced> reduced_;
  /// Feature terms in the order of losses_, then smoothness, then the reduced image.
  std::vector<Term> terms_;
};

/// Terms with their values, waited for.
[[nodiscard]] std::vector<LossTerm> known_terms(const std::vector<Objective::Term>& terms);

}  // namespace styletransfer
