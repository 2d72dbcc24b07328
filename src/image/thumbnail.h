// Thumbnails of images as JPEG bytes.
#pragma once

#include <string>

#include "styletransfer/image.h"

namespace styletransfer {

/// Returns a JPEG whose long side is at most `max_px`, composited onto white. Throws RunError when
/// out of memory.
[[nodiscard]] std::string thumbnail_jpeg(const Image& image, int max_px, int quality = 85);

}  // namespace styletransfer
