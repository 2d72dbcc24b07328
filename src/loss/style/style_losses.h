// Style statistics selected by --style-loss, behind a common interface.
#pragma once

#include <memory>

#include "loss/feature_loss.h"
#include "styletransfer/loss_options.h"

namespace styletransfer::detail {

/// Hook that computes a layer's style statistic for a target; adds no gradient.
class StyleProbe : public LayerHook {
 public:
  void add_gradient(const at::Tensor& /*features*/, int64_t /*first_row*/, bool /*through_relu*/,
                    at::Tensor& /*gradient*/) override {}
  /// Returns the statistic and resets it. Statistics are linear: that of a mixture of images is the
  /// mixture of their statistics.
  [[nodiscard]] virtual at::Tensor take() = 0;
};

/// position_weights: [H, W], or undefined for all 1.
[[nodiscard]] std::unique_ptr<StyleProbe> make_style_probe(StyleLossKind kind,
                                                           const at::Tensor& position_weights);

/// target: statistic from a probe of the same kind.
[[nodiscard]] std::unique_ptr<FeatureLoss> make_style_loss(StyleLossKind kind,
                                                           const at::Tensor& target, double weight,
                                                           const at::Tensor& position_weights);

/// The target's power, by which the relative loss divides the squared distance, so that a style
/// weight has about the same effect for each kind.
[[nodiscard]] double style_power(StyleLossKind kind, const at::Tensor& target);

}  // namespace styletransfer::detail
