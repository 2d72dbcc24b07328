#include "styletransfer/mask.h"

#include <algorithm>

#include "image/plane.h"
#include "styletransfer/image.h"

namespace styletransfer {
namespace {

// Less than half an 8-bit level: the largest deviation that rounding in conversion and resizing can
// cause.
constexpr float kEndWidth = 1.0F / 512.0F;

float snapped(float gray) {
  if (gray < kEndWidth) return 0.0F;
  return gray > 1.0F - kEndWidth ? 1.0F : gray;
}

}  // namespace

Mask mask_from_image(const Image& image) {
  Mask mask;
  mask.size = image.size;
  mask.gray01.resize(image.rgb01.size() / 3);
  for (std::size_t i = 0; i < mask.gray01.size(); ++i) {
    const float gray = luma01(image.rgb01.data() + 3 * i);
    mask.gray01[i] = snapped(image.has_alpha() ? gray * image.alpha01[i] : gray);
  }
  return mask;
}

Mask resized(const Mask& mask, Size size) {
  if (size == mask.size) return mask;
  Mask result{size, resized_plane(mask.gray01, mask.size, size)};
  std::transform(result.gray01.begin(), result.gray01.end(), result.gray01.begin(), snapped);
  return result;
}

bool is_black(const Mask& mask) {
  return std::all_of(mask.gray01.begin(), mask.gray01.end(),
                     [](float gray) { return gray == 0.0F; });
}

bool is_white(const Mask& mask) {
  return std::all_of(mask.gray01.begin(), mask.gray01.end(),
                     [](float gray) { return gray == 1.0F; });
}

}  // namespace styletransfer
