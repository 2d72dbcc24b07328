// Streaming resizer: turns decoded rows into an upright sRGB image with color conversion, reduction
// and rotation row by row, so that a large file is never in memory at full size when a small image
// is requested.
#pragma once

#include <vector>

#include "image/codecs/decoder.h"
#include "image/icc/color_conversion.h"
#include "styletransfer/image.h"

namespace styletransfer {

class StreamingResizer {
 public:
  /// `target`: size of the image in the file's own orientation, at most `rows.size`; rows are
  /// reduced to it by an exact area average (weighted by alpha). `orientation`: 1..8 as in Exif.
  StreamingResizer(const PixelLayout& layout, ColorConversion& conversion, const RowGeometry& rows,
                   Size target, int orientation);

  /// Adds the next row, from the top. The first call allocates the image.
  void add_row(const void* row);

  /// Returns the image and empties the resizer. Call after the last row.
  [[nodiscard]] Image take();

 private:
  /// Weight of one source pixel in one target pixel.
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
