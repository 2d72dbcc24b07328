// Position weights of a layer, provided strip by strip.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <utility>

namespace styletransfer {

/// The weights of the positions of a strip.
struct StripWeights {
  at::Tensor flat;   // [rows * W] float32 on the features' device; undefined for all 1
  double sum = 0.0;  // their sum; without weights, the number of positions
};

/// The weights [H, W] of a layer's positions, 0 .. 1. Copied to the device once; the sum of each
/// strip is computed once and cached.
class PositionWeights {
 public:
  /// weights: [H, W] float32, or undefined for all 1.
  // NOLINTNEXTLINE(google-explicit-constructor): implicit conversion is intended.
  PositionWeights(at::Tensor weights = {}) : weights_(std::move(weights)) {}

  [[nodiscard]] bool defined() const { return weights_.defined(); }

  /// The weights of a strip of features [rows, W, C] whose first row is `first_row`.
  [[nodiscard]] StripWeights beside(const at::Tensor& features, std::int64_t first_row);

 private:
  at::Tensor weights_;
  std::map<std::pair<std::int64_t, std::int64_t>, double> sums_;  // by first row and rows
};

}  // namespace styletransfer
