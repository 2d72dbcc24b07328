// Layer 1: a sheet of paper, and how many pixels a picture has that is printed on it.
#pragma once

#include "styletransfer/image.h"

namespace styletransfer {

inline constexpr double kMillimetresAnInch = 25.4;

/// Paper and resolution of a print. The sheet is turned as the picture lies, so it does not matter
/// which side is which.
struct PrintSheet {
  double width_mm = 0.0;
  double height_mm = 0.0;
  double dpi = 300.0;
};

/// Millimetres of so many pixels at a resolution.
[[nodiscard]] double print_length_mm(int pixels, double dpi);

/// Pixels of the sheet, rounded to nearest, the long side as width.
[[nodiscard]] Size sheet_pixels(const PrintSheet& sheet);

/// Long side of the largest picture with the content's proportions (size_with_long_edge) that fits
/// on the sheet: nothing is cut or stretched, what remains of the sheet stays paper. At least 1.
[[nodiscard]] int print_long_edge_px(const PrintSheet& sheet, Size content);

}  // namespace styletransfer
