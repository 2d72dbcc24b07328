// Paper sizes: the pixel dimensions of an image to be printed on a sheet.
#pragma once

#include "styletransfer/image.h"

namespace styletransfer {

inline constexpr double kMillimetersPerInch = 25.4;

/// Paper and resolution of a print. The sheet is rotated to match the image, so the order of its
/// sides does not matter.
struct PaperSize {
  double width_mm = 0.0;
  double height_mm = 0.0;
  double dpi = 300.0;
};

/// Returns the printed length of this many pixels, in millimeters.
[[nodiscard]] double print_length_mm(int pixels, double dpi);

/// Returns the pixels of the sheet, rounded to nearest, with the long side as width.
[[nodiscard]] Size sheet_pixels(const PaperSize& sheet);

/// Returns the long side of the largest image with the content's proportions (size_with_long_edge)
/// that fits on the sheet: nothing is cropped or stretched, the rest of the sheet stays blank. At
/// least 1.
[[nodiscard]] int print_long_edge_px(const PaperSize& sheet, Size content);

}  // namespace styletransfer
