// Names and installed versions of the image libraries, for messages.
#pragma once

#include <string>

namespace styletransfer {

/// "libheif 1.15.1" and so on; run-time versions of libheif, libpng, libtiff and libwebp,
/// compile-time versions of giflib and libjpeg, which do not report theirs.
[[nodiscard]] std::string installed_libheif();
[[nodiscard]] std::string installed_libpng();
[[nodiscard]] std::string installed_libtiff();
[[nodiscard]] std::string installed_libwebp();
[[nodiscard]] std::string installed_giflib();
[[nodiscard]] std::string installed_libjpeg();

}  // namespace styletransfer
