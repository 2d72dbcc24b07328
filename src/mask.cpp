#include "styletransfer/mask.h"

#include <algorithm>

#include "images/plane.h"
#include "styletransfer/color.h"

namespace styletransfer {
namespace {

// Under half a level of 8 bits: what rounding in conversion and resizing can do to an end.
constexpr float kEndWidth = 1.0F / 512.0F;

float snapped(float grey) {
  if (grey < kEndWidth) return 0.0F;
  return grey > 1.0F - kEndWidth ? 1.0F : grey;
}

}  // namespace

Mask mask_from_image(const Image& image) {
  Mask mask;
  mask.size = image.size;
  mask.grey01.resize(image.rgb01.size() / 3);
  for (std::size_t i = 0; i < mask.grey01.size(); ++i) {
    const float grey = luma01(image.rgb01.data() + 3 * i);
    mask.grey01[i] = snapped(image.has_alpha() ? grey * image.alpha01[i] : grey);
  }
  return mask;
}

Mask resized(const Mask& mask, Size size) {
  if (size == mask.size) return mask;
  Mask result{size, resized_plane(mask.grey01, mask.size, size)};
  std::transform(result.grey01.begin(), result.grey01.end(), result.grey01.begin(), snapped);
  return result;
}

bool is_black(const Mask& mask) {
  return std::all_of(mask.grey01.begin(), mask.grey01.end(),
                     [](float grey) { return grey == 0.0F; });
}

bool is_white(const Mask& mask) {
  return std::all_of(mask.grey01.begin(), mask.grey01.end(),
                     [](float grey) { return grey == 1.0F; });
}

}  // namespace styletransfer
