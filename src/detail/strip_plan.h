// How a network's values are made in strips of rows: which are kept whole, in which order, and what
// memory that takes.
#pragma once

#include <cstdint>
#include <vector>

#include "detail/row_layer.h"

namespace styletransfer::detail {

/// One value gone through from top to bottom, strip by strip.
struct Sweep {
  int value = 0;
  /// Kept whole for later sweeps; otherwise only its statistics are.
  bool is_kept = true;
  /// Layers that take this value's statistics, by index.
  std::vector<int> normalized;
  /// Kept values that no later sweep reads.
  std::vector<int> dropped_after;
  std::int64_t strip_rows = 0;
};

struct StripPlan {
  std::vector<Extent> extents;  // of every value
  std::vector<Sweep> sweeps;    // the last one makes the output
  /// Values that are alive together at most, and one strip's worth of work.
  std::int64_t bytes = 0;
};

/// The plan for an input of this size that keeps every value which is normalised or read twice, as
/// long as that takes at most `limit_bytes`; else those that cost most memory are made again, strip
/// by strip, for each sweep that reads them. The smallest plan where nothing fits.
/// `element_bytes`: of one number of a value.
[[nodiscard]] StripPlan plan_strips(const RowLayers& layers, const Extent& input,
                                    std::int64_t element_bytes, std::int64_t limit_bytes);

}  // namespace styletransfer::detail
