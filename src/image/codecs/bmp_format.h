// BMP header parser. Written here because there is no dedicated BMP library, and OpenCV's reader
// mistakes 24-bit OS/2 files for gray and prints to stderr.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "image/codecs/decoder.h"

namespace styletransfer {

enum class BmpCompression : std::uint32_t {
  kNone = 0,
  kRunLength8 = 1,
  kRunLength4 = 2,
  kBitFields = 3,
  kAlphaBitFields = 6,
};

struct BmpFormat {
  Size size;
  bool rows_from_top = false;
  int bits_per_pixel = 24;
  BmpCompression compression = BmpCompression::kNone;
  /// Bit masks of R, G, B and alpha in a 16- or 32-bit pixel; alpha 0: none.
  std::array<std::uint32_t, 4> masks{};
  /// R, G, B triples, one per code of 1, 2, 4 and 8-bit pixels.
  std::vector<std::array<std::uint8_t, 3>> palette;
  std::size_t pixels_offset = 0;
  double dpi = 0.0;
  std::vector<std::uint8_t> icc_profile;

  [[nodiscard]] bool is_run_length() const {
    return compression == BmpCompression::kRunLength8 || compression == BmpCompression::kRunLength4;
  }
  /// Bytes of an uncompressed row, padding included.
  [[nodiscard]] std::size_t row_bytes() const {
    return (static_cast<std::size_t>(size.width_px) * bits_per_pixel + 31) / 32 * 4;
  }
};

/// Throws DecodeError.
[[nodiscard]] BmpFormat read_bmp_format(ByteView bytes);

/// Little-endian integers (16 and 32 bits) at an offset. Throw DecodeError past the end.
[[nodiscard]] std::uint32_t bmp_word(ByteView bytes, std::size_t offset);
[[nodiscard]] std::uint32_t bmp_long(ByteView bytes, std::size_t offset);

}  // namespace styletransfer
