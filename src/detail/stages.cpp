#include "detail/stages.h"

#include <algorithm>

namespace styletransfer::detail {

std::vector<Strip> cut_into_strips(int64_t rows, int64_t strip_rows, int64_t halo) {
  // Even heights, so that no pooling cell is cut.
  const int64_t height = std::min(rows, std::max<int64_t>(2, strip_rows + strip_rows % 2));
  std::vector<Strip> strips;
  for (int64_t first = 0; first < rows; first += height) {
    int64_t last = std::min(rows, first + height);
    if (rows - last < 2) last = rows;  // a lone last row has no pooling cell of its own
    strips.push_back(
        {first, last, std::max<int64_t>(0, first - halo), std::min(rows, last + halo)});
    if (last == rows) break;
  }
  return strips;
}

}  // namespace styletransfer::detail
