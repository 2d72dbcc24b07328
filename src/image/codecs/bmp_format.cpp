#include "image/codecs/bmp_format.h"

#include <algorithm>

namespace styletransfer {
namespace {

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;
constexpr std::uint32_t kInfoHeaderBytes = 40;
constexpr std::uint32_t kHeaderWithAlphaMaskBytes = 56;
constexpr std::uint32_t kHeaderWithProfileBytes = 124;

void read_core_header(ByteView bytes, BmpFormat& format) {
  format.size = {static_cast<int>(bmp_word(bytes, 18)), static_cast<int>(bmp_word(bytes, 20))};
  format.bits_per_pixel = static_cast<int>(bmp_word(bytes, 24));
}

void read_info_header(ByteView bytes, BmpFormat& format) {
  const auto width = static_cast<std::int32_t>(bmp_long(bytes, 18));
  const std::int64_t height = static_cast<std::int32_t>(bmp_long(bytes, 22));
  format.rows_from_top = height < 0;
  check_claimed_size(static_cast<std::uint64_t>(std::max(width, 0)),
                     static_cast<std::uint64_t>(std::abs(height)));
  format.size = {width, static_cast<int>(std::abs(height))};
  format.bits_per_pixel = static_cast<int>(bmp_word(bytes, 28));
  format.compression = static_cast<BmpCompression>(bmp_long(bytes, 30));
  constexpr double kMetresPerInch = 0.0254;
  format.dpi = static_cast<std::int32_t>(bmp_long(bytes, 38)) * kMetresPerInch;
  if (!(format.dpi > 1.0)) format.dpi = 0.0;
}

void read_masks(ByteView bytes, std::uint32_t header_bytes, BmpFormat& format) {
  const bool has_fields = format.compression == BmpCompression::kBitFields ||
                          format.compression == BmpCompression::kAlphaBitFields;
  if (!has_fields) {
    if (format.bits_per_pixel == 16) format.masks = {0x7C00, 0x03E0, 0x001F, 0};
    if (format.bits_per_pixel == 32) format.masks = {0xFF0000, 0x00FF00, 0x0000FF, 0};
    return;
  }
  const bool has_alpha_mask = format.compression == BmpCompression::kAlphaBitFields ||
                              header_bytes >= kHeaderWithAlphaMaskBytes;
  for (std::size_t c = 0; c < (has_alpha_mask ? 4U : 3U); ++c) {
    format.masks[c] = bmp_long(bytes, kFileHeaderBytes + kInfoHeaderBytes + 4 * c);
  }
}

void read_palette(ByteView bytes, std::uint32_t header_bytes, BmpFormat& format) {
  if (format.bits_per_pixel > 8) return;
  const bool core = header_bytes == kCoreHeaderBytes;
  const std::size_t codes = std::size_t{1} << format.bits_per_pixel;
  const std::uint32_t used = core ? 0 : bmp_long(bytes, 46);
  const std::size_t entries = used == 0 ? codes : std::min<std::size_t>(used, codes);
  const std::size_t entry_bytes = core ? 3 : 4;
  std::size_t at = kFileHeaderBytes + header_bytes;
  format.palette.assign(codes, {0, 0, 0});
  for (std::size_t i = 0; i < entries && at + 3 <= bytes.size(); ++i, at += entry_bytes) {
    format.palette[i] = {bytes[at + 2], bytes[at + 1], bytes[at]};
  }
}

void read_profile(ByteView bytes, std::uint32_t header_bytes, BmpFormat& format) {
  constexpr std::uint32_t kEmbedded = 0x4D424544;  // "MBED"
  if (header_bytes < kHeaderWithProfileBytes ||
      bmp_long(bytes, kFileHeaderBytes + 56) != kEmbedded) {
    return;
  }
  const std::size_t offset = kFileHeaderBytes + bmp_long(bytes, kFileHeaderBytes + 112);
  const std::size_t length = bmp_long(bytes, kFileHeaderBytes + 116);
  if (offset > bytes.size() || length > bytes.size() - offset) return;
  format.icc_profile.assign(bytes.data() + offset, bytes.data() + offset + length);
}

void check_format(const BmpFormat& format) {
  const int bits = format.bits_per_pixel;
  bool known = false;
  switch (format.compression) {
    case BmpCompression::kNone:
      known = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
              bits == 32;
      break;
    case BmpCompression::kRunLength8:
      known = bits == 8 && !format.rows_from_top;
      break;
    case BmpCompression::kRunLength4:
      known = bits == 4 && !format.rows_from_top;
      break;
    case BmpCompression::kBitFields:
    case BmpCompression::kAlphaBitFields:
      known = bits == 16 || bits == 32;
      break;
  }
  if (!known) {
    throw DecodeError("a BMP of a kind that is not read (" + std::to_string(bits) +
                      " bits a pixel, compression " +
                      std::to_string(static_cast<std::uint32_t>(format.compression)) +
                      "); save it as PNG first");
  }
}

}  // namespace

std::uint32_t bmp_word(ByteView bytes, std::size_t offset) {
  if (offset + 2 > bytes.size()) throw truncated_file("BMP", "its header is incomplete");
  return bytes[offset] | static_cast<std::uint32_t>(bytes[offset + 1]) << 8;
}

std::uint32_t bmp_long(ByteView bytes, std::size_t offset) {
  return bmp_word(bytes, offset) | bmp_word(bytes, offset + 2) << 16;
}

BmpFormat read_bmp_format(ByteView bytes) {
  BmpFormat format;
  format.pixels_offset = bmp_long(bytes, 10);
  const std::uint32_t header_bytes = bmp_long(bytes, kFileHeaderBytes);
  if (header_bytes == kCoreHeaderBytes) {
    read_core_header(bytes, format);
  } else if (header_bytes >= kInfoHeaderBytes) {
    read_info_header(bytes, format);
  } else {
    throw damaged_file("BMP", "its header length makes no sense");
  }
  check_claimed_size(static_cast<std::uint64_t>(format.size.width_px),
                     static_cast<std::uint64_t>(format.size.height_px));
  check_format(format);
  read_masks(bytes, header_bytes, format);
  read_palette(bytes, header_bytes, format);
  read_profile(bytes, header_bytes, format);
  if (format.pixels_offset >= bytes.size()) throw truncated_file("BMP", "its pixels are missing");
  return format;
}

}  // namespace styletransfer
