// Plan for computing a network's values in strips of rows: which values are stored whole, in which
// order, and the memory needed.
#pragma once

#include <cstdint>
#include <vector>

#include "feedforward/row_layer.h"

namespace styletransfer::detail {

/// Computation of one value from top to bottom, strip by strip.
struct StripPass {
  int value = 0;
  /// True: the whole value is stored for later passes. False: only its statistics are.
  bool is_stored = true;
  /// Indices of layers that use this value's statistics.
  std::vector<int> normalized;
  /// Stored values that no later pass reads.
  std::vector<int> freed_after;
  std::int64_t strip_rows = 0;
};

struct StripPlan {
  std::vector<Extent> extents;    // one per value
  std::vector<StripPass> passes;  // the last one computes the output
  /// Peak bytes of the stored values, plus the temporaries of one strip.
  std::int64_t bytes = 0;
};

/// Returns the plan for an input of this size. It stores every value that is normalized or read
/// twice, as long as that takes at most `limit_bytes`; otherwise the largest ones are recomputed,
/// strip by strip, in each pass that reads them. Returns the smallest plan when nothing fits.
/// `element_bytes`: size of one element of a value.
[[nodiscard]] StripPlan plan_strips(const RowLayers& layers, const Extent& input,
                                    std::int64_t element_bytes, std::int64_t limit_bytes);

}  // namespace styletransfer::detail
