// Features as we hold them and as the library's convolutions and poolings take them: two views of
// the same memory.
#pragma once

#include <ATen/core/Tensor.h>

namespace styletransfer::detail {

/// [1, c, h, w], channels-last, seen as [h, w, c], contiguous.
inline at::Tensor as_features(const at::Tensor& batch) {
  return batch.permute({0, 2, 3, 1}).squeeze(0);
}

/// The other way round.
inline at::Tensor as_batch(const at::Tensor& features) {
  return features.unsqueeze(0).permute({0, 3, 1, 2});
}

}  // namespace styletransfer::detail
