// Content loss.
#pragma once

#include <ATen/core/Tensor.h>

#include "loss/feature_loss.h"

namespace styletransfer {

/// Content loss: weight * mean over elements of (F - target)^2; the weighted mean if there are
/// position weights.
class ContentLoss : public FeatureLoss {
 public:
  /// target: [H, W, C] in the feature dtype.
  ContentLoss(at::Tensor target, double weight, const at::Tensor& position_weights = {});
  void accumulate(const at::Tensor& features, int64_t first_row) override;
  [[nodiscard]] DeferredNumber finish() override;
  void add_gradient(const at::Tensor& features, int64_t first_row, bool through_relu,
                    at::Tensor& gradient) override;

 private:
  at::Tensor target_;
  double weight_;
  at::Tensor position_weights_;  // [H, W, 1] in the target's dtype
  double elements_;              // divisor of the mean: sum of weights * C
  DeferredNumber sum_;
};

}  // namespace styletransfer
