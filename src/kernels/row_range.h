// Half-open range of rows of an image or of a layer's output.
#pragma once

#include <algorithm>
#include <cstdint>

namespace styletransfer::detail {

/// Rows [first, last).
struct Rows {
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] std::int64_t count() const { return last - first; }
  /// This range with `more` rows added above and below (a halo), clipped to [0, height).
  [[nodiscard]] Rows grown(std::int64_t more, std::int64_t height) const {
    return {std::max<std::int64_t>(0, first - more), std::min(height, last + more)};
  }
};

}  // namespace styletransfer::detail
