#include "styletransfer/mask.h"

#include <algorithm>

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
  Image picture;
  picture.size = mask.size;
  picture.rgb01.reserve(3 * mask.grey01.size());
  for (const float grey : mask.grey01) picture.rgb01.insert(picture.rgb01.end(), 3, grey);
  const Image stretched = resized(picture, size);
  Mask result;
  result.size = size;
  result.grey01.resize(stretched.rgb01.size() / 3);
  for (std::size_t i = 0; i < result.grey01.size(); ++i) {
    result.grey01[i] = snapped(stretched.rgb01[3 * i]);
  }
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
