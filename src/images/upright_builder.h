// Decoded rows in, upright sRGB picture out: colour conversion, reduction and turning in one
// sweep, so that a large file never stands in memory at its full size when a small picture is
// wanted.
#pragma once

#include <vector>

#include "images/color_conversion.h"
#include "images/decoder.h"
#include "styletransfer/image.h"

namespace styletransfer {

class UprightBuilder {
 public:
  /// `target`: size of the picture in the file's own orientation, at most `rows.size`; an exact
  /// area average brings the rows there (weighted by alpha). `orientation`: 1..8 as in Exif.
  UprightBuilder(const PixelLayout& layout, ColorConversion& conversion, const RowGeometry& rows,
                 Size target, int orientation);

  /// The next row, from the top. The picture's memory is taken with the first one.
  void add_row(const void* row);

  /// The picture; the builder is empty afterwards. Every row must have come.
  [[nodiscard]] Image take();

 private:
  /// One source pixel's share in one target pixel.
  struct Share {
    int target;
    float weight;
  };

  [[nodiscard]] std::vector<Share> shares_of(int source, double covered, int target_count) const;
  void allocate();
  void reduce_row();
  void add_to_target_row(const Share& share);
  void finish_target_row();
  void place(const float* rgb01, const float* alpha01);

  bool has_alpha_;
  ColorConversion& conversion_;
  RowGeometry rows_;
  Size target_;
  int orientation_;
  bool reduces_;
  int channels_;
  int source_row_ = 0;
  int target_row_ = 0;
  Image image_;
  std::vector<float> rgb_row_;
  std::vector<float> alpha_row_;
  std::vector<std::vector<Share>> column_shares_;
  std::vector<float> narrow_row_;
  std::vector<float> sums_;
};

}  // namespace styletransfer
