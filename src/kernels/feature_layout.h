// Views between the program's feature layout [h, w, c] and LibTorch's channels-last [1, c, h, w].
// Both describe the same memory; nothing is copied.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// Channels-last [1, c, h, w] as a contiguous [h, w, c].
inline at::Tensor as_features(const at::Tensor& batch) {
  return batch.permute({0, 2, 3, 1}).squeeze(0);
}

/// Contiguous [h, w, c] as a channels-last [1, c, h, w].
inline at::Tensor as_batch(const at::Tensor& features) {
  return features.unsqueeze(0).permute({0, 3, 1, 2});
}

}  // namespace styletransfer::detail
