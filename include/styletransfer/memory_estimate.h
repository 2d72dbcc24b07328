// Estimate of the memory that a pass takes.
#pragma once

#include <cstdint>

namespace styletransfer {

/// Memory that a pass is expected to take beyond what the process already uses.
struct MemoryEstimate {
  /// The forward and backward pass through the network.
  std::int64_t execution_bytes = 0;
  /// Content features, the image, masks.
  std::int64_t image_bytes = 0;
  /// The optimizer's vectors.
  std::int64_t optimizer_bytes = 0;

  [[nodiscard]] std::int64_t total() const {
    return execution_bytes + image_bytes + optimizer_bytes;
  }
};

}  // namespace styletransfer
