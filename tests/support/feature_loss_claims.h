// Properties that every loss on a layer's features must have.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <utility>

#include "loss/feature_loss.h"
#include "support/numbers.h"

namespace styletransfer {

inline double value_of(FeatureLoss& loss, const at::Tensor& features) {
  loss.accumulate(features, 0);
  return loss.finish().get();
}

inline at::Tensor gradient_of(FeatureLoss& loss, const at::Tensor& features,
                              bool through_relu = false) {
  static_cast<void>(value_of(loss, features));
  at::Tensor gradient = at::zeros_like(features);
  loss.add_gradient(features, 0, through_relu, gradient);
  return gradient;
}

/// features: [9, W, C], float64.
inline void expect_sums_over_strips(FeatureLoss& loss, const at::Tensor& features) {
  const double whole = value_of(loss, features);
  const at::Tensor whole_gradient = gradient_of(loss, features);
  for (int evaluation = 0; evaluation < 2; ++evaluation) {
    loss.accumulate(features.narrow(0, 0, 4), 0);
    loss.accumulate(features.narrow(0, 4, 5), 4);
    EXPECT_NEAR(loss.finish().get(), whole, 1e-12 * whole);
  }
  at::Tensor gradient = at::zeros_like(features);
  for (const auto& [first, rows] : {std::pair<int64_t, int64_t>{0, 4}, {4, 5}}) {
    at::Tensor part = gradient.narrow(0, first, rows);
    loss.add_gradient(features.narrow(0, first, rows), first, false, part);
  }
  EXPECT_LT(relative_error(gradient, whole_gradient), 1e-12);
}

/// Existing values in the gradient pass through the ReLU as well as what is added. features: >= 0.
inline void expect_to_go_through_the_relu(FeatureLoss& loss, const at::Tensor& features) {
  static_cast<void>(value_of(loss, features));
  at::Tensor plain = at::ones_like(features);
  at::Tensor through = at::ones_like(features);
  loss.add_gradient(features, 0, false, plain);
  loss.add_gradient(features, 0, true, through);
  EXPECT_LT(relative_error(through, plain * (features > 0)), 1e-12);
}

}  // namespace styletransfer
