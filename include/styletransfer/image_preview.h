// Layer 2: small pictures for looking at.
#pragma once

#include <string>

#include "styletransfer/image.h"

namespace styletransfer {

/// The bytes of a JPEG whose long side is at most `most_px`, laid on white where it is transparent.
/// Throws RunError when memory runs out.
[[nodiscard]] std::string preview_jpeg(const Image& image, int most_px, int quality = 85);

}  // namespace styletransfer
