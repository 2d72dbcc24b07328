// One value a pixel: a mask, an opacity.
#pragma once

#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// The values (0..1, rows from the top) at another size, as `resized` does it with a picture.
[[nodiscard]] std::vector<float> resized_plane(const std::vector<float>& values01, Size from,
                                               Size to);

}  // namespace styletransfer
