#include "image/paper_size.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace styletransfer {

double print_length_mm(int pixels, double dpi) { return pixels / dpi * kMillimetersPerInch; }

Size sheet_pixels(const PaperSize& sheet) {
  const auto pixels = [&](double mm) {
    return static_cast<int>(std::lround(mm / kMillimetersPerInch * sheet.dpi));
  };
  return {pixels(std::max(sheet.width_mm, sheet.height_mm)),
          pixels(std::min(sheet.width_mm, sheet.height_mm))};
}

int print_long_edge_px(const PaperSize& sheet, Size content) {
  const Size room = sheet_pixels(sheet);
  const std::int64_t longer = std::max(content.width_px, content.height_px);
  const std::int64_t shorter = std::min(content.width_px, content.height_px);
  // Largest `edge` for which shorter * edge / longer, rounded half up, is at most the sheet's short
  // side.
  const std::int64_t widest = ((2 * std::int64_t{room.height_px} + 1) * longer - 1) / (2 * shorter);
  return static_cast<int>(std::clamp<std::int64_t>(widest, 1, std::max(1, room.width_px)));
}

}  // namespace styletransfer
