// The style statistics that --style-loss chooses from.
#pragma once

#include <memory>

#include "styletransfer/losses.h"

namespace styletransfer::detail {

/// A tap that takes a layer's statistic for a target and wants no gradient.
class StyleProbe : public FeatureTap {
 public:
  void add_gradient(const at::Tensor& /*features*/, int64_t /*first_row*/, bool /*through_relu*/,
                    at::Tensor& /*gradient*/) override {}
  /// Linear in the picture: those of a mixture are the mixture of them.
  [[nodiscard]] virtual at::Tensor take() = 0;
};

/// position_weights: [H, W], or undefined: all positions count alike.
[[nodiscard]] std::unique_ptr<StyleProbe> make_style_probe(StyleLossKind kind,
                                                           const at::Tensor& position_weights);

/// target: as a probe of this kind takes it.
[[nodiscard]] std::unique_ptr<FeatureLoss> make_style_loss(StyleLossKind kind,
                                                           const at::Tensor& target, double weight,
                                                           const at::Tensor& position_weights);

/// What the relative loss divides the kind's squared distance by, so that one style weight means
/// about the same with each kind.
[[nodiscard]] double style_power(StyleLossKind kind, const at::Tensor& target);

}  // namespace styletransfer::detail
