// Regions of the result that each style applies to, at one size, from the masks of a job.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loss/objective.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// Region of the result in which one style, or a blend of several, applies.
struct StyleMask {
  /// Indices into Job::styles.
  std::vector<size_t> styles;
  /// Name of its terms: the styles' numbers from 1, "2" or "1+3"; empty if there is only one
  /// region.
  std::string name;
  /// [h, w] float32, 0 .. 1; undefined: the whole image.
  at::Tensor pixels;
  /// The region's fraction of the opaque image, 0 .. 1.
  double share = 1.0;
};

/// The masks of a job at the size of a pass, including its reflected margin.
class StyleMasks {
 public:
  StyleMasks(const Job& job, Size size, int margin_px);

  /// Returns one region per style with a mask of its own, and one blended region for styles
  /// without, which share what those masks leave. Where masks add up to more than 1 they are
  /// divided by their sum. Untouched and transparent pixels belong to no region. Regions without a
  /// pixel are omitted.
  [[nodiscard]] std::vector<StyleMask> masks() const;

  /// Returns the numbers, from 1, of the styles omitted because other masks, untouched or
  /// transparent pixels cover their whole region. Styles whose blend weight is 0 are not included.
  [[nodiscard]] std::vector<size_t> styles_without_pixels() const;

  /// Opacity of the content, [h, w]; undefined: opaque everywhere.
  [[nodiscard]] const at::Tensor& opacity() const { return opacity_; }
  /// Factors of the content weight, [h, w]; undefined: 1 everywhere.
  [[nodiscard]] const at::Tensor& content_weight_map() const { return content_weight_map_; }
  /// 1 where the content stays, [h, w]; undefined: nowhere.
  [[nodiscard]] const at::Tensor& untouched() const { return untouched_; }

 private:
  /// In: [h, w] of the image. Out: with the reflected margin around it.
  [[nodiscard]] at::Tensor padded(const at::Tensor& plane) const;
  [[nodiscard]] at::Tensor tensor_of(const Mask& mask) const;
  /// Like masks(), but includes regions without pixels.
  [[nodiscard]] std::vector<StyleMask> all_style_masks() const;
  [[nodiscard]] StyleMask style_mask_of(std::vector<size_t> styles, const at::Tensor& pixels) const;

  const Job& job_;
  Size size_;
  int margin_px_;
  at::Tensor opacity_;
  at::Tensor content_weight_map_;
  at::Tensor untouched_;
};

/// Returns true if the job has any mask.
[[nodiscard]] bool has_masks(const Job& job);

/// Returns the memory that masks and transparency add to a pass, in bytes per pixel.
[[nodiscard]] std::int64_t mask_bytes_per_pixel(const Job& job);

/// Throws UsageError, naming the flag, for masks that leave nothing to do.
void check_masks(const Job& job);

}  // namespace styletransfer::detail
