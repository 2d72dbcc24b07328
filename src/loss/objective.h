// Objective function: value and gradient of the total loss for an image.
//
// Hides how it is computed (whole or in strips, precision, device).
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device/deferred_number.h"
#include "loss/feature_loss.h"
#include "loss/targets.h"
#include "styletransfer/loss_options.h"
#include "styletransfer/progress.h"
#include "vgg/features.h"

namespace styletransfer {

/// Content target with position weights.
struct ContentTerm {
  ContentTarget target;
  /// Weight of each position, 0 .. 1; empty: 1 everywhere.
  LayerWeights counted;
  /// Factor of the content weight at each position, >= 0; empty: 1 everywhere. Not used when the
  /// target's power is measured for normalization.
  LayerWeights content_weight_map;
};

/// Target of one style (or mixture of styles) and the region of the image it applies to.
struct StyleTerm {
  /// Follows "style" in the names of the region's terms ("2"); empty if it is the only region.
  std::string name;
  StyleTarget target;
  /// Membership of each position in the region, 0 .. 1; empty: the whole image.
  LayerWeights counted;
  /// The region's share of the image's area. Its loss is multiplied by this, so that the gradient
  /// per position is the same as for a style that covers the whole image.
  double share = 1.0;
};

/// Pixels that are preserved from another image.
struct UntouchedPixels {
  /// The image to preserve, [h, w, 3] float32.
  at::Tensor image_rgb01;
  /// [h, w, 1] float32: 1 preserves the pixel, 0 stylizes it, values in between mix both.
  at::Tensor kept01;

  /// The stylized image with the preserved one composited over it; exactly the latter where kept01
  /// is 1.
  [[nodiscard]] at::Tensor laid_over(const at::Tensor& painted_rgb01) const;
};

class Objective {
 public:
  /// Targets must be computed with the same network, the content target at the image's size.
  /// A term whose target has zero power (all features of the layer are 0, as for a blank image)
  /// cannot be normalized and is left out of the relative loss. Throws RunError if this applies to
  /// all targets, or if features are not finite. Each region has its own style statistics; with
  /// regions r the style loss is style_weight * sum over r of share_r * mean over layers of the
  /// layer's loss.
  Objective(const FeatureNetwork& network, const LossOptions& options, const Weights& weights,
            const ContentTerm& content, const std::vector<StyleTerm>& styles,
            ExecutionPlan plan = {});

  /// A single region. position_weights: weights of the positions in both terms.
  Objective(const FeatureNetwork& network, const LossOptions& options, const Weights& weights,
            const ContentTarget& content, const StyleTarget& style, ExecutionPlan plan = {},
            const LayerWeights& position_weights = {});

  /// From now on the loss is that of the image with these pixels composited over it. Tensors must
  /// be on the image's device.
  void keep(UntouchedPixels places) { kept_ = std::move(places); }

  /// From now on the loss `of_reduced` of a downsampled copy of the image is added, which compares
  /// the image at a coarser scale. The copy is the mean of boxes of factor x factor pixels
  /// (box_downsampled); the image and the copy have a reflected margin of `margin_px`.
  void add_downsampled_loss(Objective of_reduced, int factor, int margin_px);

  struct Evaluation {
    double loss = 0.0;
    /// dLoss/dimage: [height, width, 3] float32.
    at::Tensor gradient;
  };
  /// In: image [height, width, 3] float32, RGB in 0..1.
  [[nodiscard]] Evaluation evaluate(const at::Tensor& image_rgb01);

  struct QueuedEvaluation {
    DeferredNumber loss;
    at::Tensor gradient;
  };
  /// The same without waiting for the device.
  [[nodiscard]] QueuedEvaluation queue_evaluation(const at::Tensor& image_rgb01);

  /// The loss only, without the backward pass.
  [[nodiscard]] double value(const at::Tensor& image_rgb01);

  /// The weighted terms of the last evaluation. Waits for the device if necessary; not if the
  /// evaluation's loss has been read, because the terms are read together with it.
  [[nodiscard]] std::vector<LossTerm> terms() const;

  struct Term {
    std::string name;
    DeferredNumber value;
  };
  /// The same without waiting. Order: feature terms, total variation, downsampled image.
  [[nodiscard]] const std::vector<Term>& queued_terms() const { return terms_; }

 private:
  /// Relative loss: a term's weight divided by its target's power and the number of layers. Classic
  /// loss: the weight itself.
  [[nodiscard]] double layer_weight(double weight, double power, size_t layers) const;
  void add_content(const ContentTerm& content, double weight);
  void add_style(const StyleTerm& region, double weight);
  void add_term(const std::string& name, const std::string& layer,
                std::unique_ptr<FeatureLoss> loss);
  DeferredNumber finish_feature_terms();
  /// Adds the terms that depend on pixels directly; adds their gradient unless `gradient` is null.
  DeferredNumber add_image_terms(const at::Tensor& image, at::Tensor* gradient);

  const FeatureNetwork& network_;
  LossKind kind_;
  StyleLossKind style_loss_;
  double tv_weight_;
  ExecutionPlan plan_;
  std::optional<UntouchedPixels> kept_;
  std::vector<std::unique_ptr<FeatureLoss>> losses_;
  LayerHooks hooks_;
  struct Reduced {
    std::unique_ptr<Objective> objective;
    int factor;
    int margin_px;
  };
  std::optional<Reduced> reduced_;
  /// Feature terms in the order of losses_, then total variation, then the downsampled image.
  std::vector<Term> terms_;
};

/// Reads the values of the terms; waits for the device.
[[nodiscard]] std::vector<LossTerm> known_terms(const std::vector<Objective::Term>& terms);

}  // namespace styletransfer
