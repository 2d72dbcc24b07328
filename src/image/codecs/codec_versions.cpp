#include "image/codecs/codec_versions.h"

#include <gif_lib.h>
#include <libheif/heif.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>

#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <jpeglib.h>

#define STYLETRANSFER_TEXT_OF(value) #value
#define STYLETRANSFER_TEXT(value) STYLETRANSFER_TEXT_OF(value)

namespace styletransfer {

std::string installed_libheif() { return std::string("libheif ") + heif_get_version(); }

std::string installed_libpng() { return std::string("libpng ") + png_get_libpng_ver(nullptr); }

std::string installed_libtiff() {
  // "LIBTIFF, Version 4.5.0", followed by copyright lines.
  const std::string text = TIFFGetVersion();
  const std::size_t begin = text.find_first_of("0123456789");
  if (begin == std::string::npos) return "libtiff";
  return "libtiff " + text.substr(begin, text.find_first_not_of("0123456789.", begin) - begin);
}

std::string installed_libwebp() {
  const int version = WebPGetDecoderVersion();
  return "libwebp " + std::to_string(version >> 16 & 0xFF) + "." +
         std::to_string(version >> 8 & 0xFF) + "." + std::to_string(version & 0xFF);
}

std::string installed_giflib() {
  return "giflib " STYLETRANSFER_TEXT(GIFLIB_MAJOR) "." STYLETRANSFER_TEXT(
      GIFLIB_MINOR) "." STYLETRANSFER_TEXT(GIFLIB_RELEASE);
}

std::string installed_libjpeg() {
#ifdef LIBJPEG_TURBO_VERSION
  return "libjpeg-turbo " STYLETRANSFER_TEXT(LIBJPEG_TURBO_VERSION);
#else
  return "libjpeg " STYLETRANSFER_TEXT(JPEG_LIB_VERSION);
#endif
}

}  // namespace styletransfer
