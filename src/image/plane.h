// Resizing of single-channel planes: masks, opacities.
#pragma once

#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// Resizes the values (0..1, rows from the top) as `resized` does with an image.
[[nodiscard]] std::vector<float> resized_plane(const std::vector<float>& values01, Size from,
                                               Size to);

}  // namespace styletransfer
