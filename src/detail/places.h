// Which style paints where, at one size, from the masks of a job.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "styletransfer/objective.h"
#include "styletransfer/transfer.h"

namespace styletransfer::detail {

/// The part of a picture that one style paints, or that several paint as a mixture.
struct Place {
  /// Places in Job::styles.
  std::vector<size_t> styles;
  /// Of its terms: the styles' numbers from 1, "2" or "1+3"; empty where there is one place only.
  std::string name;
  /// [h, w] float32, 0 .. 1; undefined: the whole picture.
  at::Tensor pixels;
  /// The place's part of the opaque picture, 0 .. 1.
  double share = 1.0;
};

/// The masks of a job at the size of a pass, its mirrored margin included.
class Places {
 public:
  Places(const Job& job, Size size, int margin_px);

  /// Styles with a mask of their own have it, styles without one share what those masks leave.
  /// Where masks add up to more than 1 they are divided by their sum. Kept and clear pixels belong
  /// to nobody. Places without a pixel are left out.
  [[nodiscard]] std::vector<Place> of_styles() const;

  /// Numbers, from 1, of the styles that are left out so: others' masks, kept or clear pixels cover
  /// their whole place. Not those whose share is 0.
  [[nodiscard]] std::vector<size_t> styles_without_place() const;

  /// Opacity of the content, [h, w]; undefined: opaque everywhere.
  [[nodiscard]] const at::Tensor& opacity() const { return opacity_; }
  /// Factors of the content weight, [h, w]; undefined: 1 everywhere.
  [[nodiscard]] const at::Tensor& emphasis() const { return emphasis_; }
  /// 1 where the content stays, [h, w]; undefined: nowhere.
  [[nodiscard]] const at::Tensor& kept() const { return kept_; }

 private:
  /// In: [h, w] of the picture. Out: the margin around it, mirrored.
  [[nodiscard]] at::Tensor widened(const at::Tensor& plane) const;
  [[nodiscard]] at::Tensor tensor_of(const Mask& mask) const;
  /// As of_styles, with places that have no pixel.
  [[nodiscard]] std::vector<Place> all_places() const;
  [[nodiscard]] Place place_of(std::vector<size_t> styles, const at::Tensor& pixels) const;

  const Job& job_;
  Size size_;
  int margin_px_;
  at::Tensor opacity_;
  at::Tensor emphasis_;
  at::Tensor kept_;
};

/// Whether the job has any mask.
[[nodiscard]] bool has_masks(const Job& job);

/// What masks and transparency add to a pass, in bytes for each of its pixels.
[[nodiscard]] std::int64_t place_bytes_a_pixel(const Job& job);

/// Throws UsageError for masks that leave nothing to do, naming the flag.
void check_masks(const Job& job);

}  // namespace styletransfer::detail
