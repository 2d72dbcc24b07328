// A range of rows of a picture or of a layer's output.
#pragma once

#include <algorithm>
#include <cstdint>

namespace styletransfer::detail {

/// Rows first .. last - 1.
struct Rows {
  std::int64_t first = 0;
  std::int64_t last = 0;
  [[nodiscard]] std::int64_t count() const { return last - first; }
  /// With `more` rows above and below, as far as there are rows.
  [[nodiscard]] Rows grown(std::int64_t more, std::int64_t height) const {
    return {std::max<std::int64_t>(0, first - more), std::min(height, last + more)};
  }
};

}  // namespace styletransfer::detail
