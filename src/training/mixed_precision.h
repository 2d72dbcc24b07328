// Convolutions in bfloat16 while it lives, weights and normalisation sums in float32.
#pragma once

#include <ATen/autocast_mode.h>

#include "styletransfer/runtime.h"

namespace styletransfer::detail {

/// LibTorch's autocast for the runtime's device; nothing where features are float32.
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
    // The weights' casts are those of this step: the next one moves the weights.
    at::autocast::clear_cache();
  }
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  c10::DeviceType device_;
  bool is_used_;
};

}  // namespace styletransfer::detail
