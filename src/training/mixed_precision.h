// Scope of mixed precision: convolutions in bfloat16, weights and normalization sums in float32.
#pragma once

#include <ATen/autocast_mode.h>

#include "styletransfer/runtime.h"

namespace styletransfer::detail {

/// Enables LibTorch's autocast for the runtime's device; does nothing if features are float32.
class MixedPrecision {
 public:
  explicit MixedPrecision(const Runtime& runtime)
      : device_(runtime.device.type()), is_used_(runtime.feature_type == c10::kBFloat16) {
    if (!is_used_) return;
    at::autocast::set_autocast_dtype(device_, c10::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~MixedPrecision() {
    if (!is_used_) return;
    at::autocast::set_autocast_enabled(device_, false);
    // The cache holds this step's casts of the weights, which the optimizer step changes.
    at::autocast::clear_cache();
  }
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  c10::DeviceType device_;
  bool is_used_;
};

}  // namespace styletransfer::detail
