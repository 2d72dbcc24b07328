// The picture libraries by name and installed version, for messages.
#pragma once

#include <string>

namespace styletransfer {

/// "libheif 1.15.1" and so on; libheif, libpng, libtiff and libwebp as they are at run time,
/// giflib and libjpeg, which do not say, as the program was built with them.
[[nodiscard]] std::string installed_libheif();
[[nodiscard]] std::string installed_libpng();
[[nodiscard]] std::string installed_libtiff();
[[nodiscard]] std::string installed_libwebp();
[[nodiscard]] std::string installed_giflib();
[[nodiscard]] std::string installed_libjpeg();

}  // namespace styletransfer
