// Layer 3: how much each position of a layer counts.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <utility>

namespace styletransfer {

/// The weights of a strip's positions.
struct StripWeights {
  at::Tensor flat;   // [rows * W] float32 on the features' device; undefined: all 1
  double sum = 0.0;  // in float64; without weights, the number of positions
};

/// The weights [H, W] of a layer's positions, 0 .. 1, as the strips of its features need them. They
/// go to the device once, and each strip's are added up once.
class PositionWeights {
 public:
  /// weights: [H, W] float32; undefined: all 1.
  // NOLINTNEXTLINE(google-explicit-constructor): a tensor of weights is one.
  PositionWeights(at::Tensor weights = {}) : weights_(std::move(weights)) {}

  [[nodiscard]] bool defined() const { return weights_.defined(); }

  /// Those of a strip of features [rows, W, C] that begins at `first_row`.
  [[nodiscard]] StripWeights beside(const at::Tensor& features, std::int64_t first_row);

 private:
  at::Tensor weights_;
  std::map<std::pair<std::int64_t, std::int64_t>, double> sums_;  // by first row and rows
};

}  // namespace styletransfer
