#include "vgg/blocks.h"

#include <algorithm>

namespace styletransfer::detail {

std::vector<Rows> cut_into_strips(int64_t rows, int64_t strip_rows) {
  const int64_t height = std::min(rows, std::max<int64_t>(2, strip_rows + strip_rows % 2));
  std::vector<Rows> strips;
  for (int64_t first = 0; first < rows; first += height) {
    int64_t last = std::min(rows, first + height);
    if (rows - last < 2) last = rows;  // a single last row would have no pooling cell
    strips.push_back({first, last});
    if (last == rows) break;
  }
  return strips;
}

}  // namespace styletransfer::detail
