#include "image/codecs/tiff/tiff_errors.h"

#include <algorithm>
#include <array>
#include <bit>

#include "image/codecs/codec_versions.h"
#include "image/codecs/tiff/tiff_memory.h"

namespace styletransfer {
namespace {

constexpr const char* kRemedy =
    "if other programs open it, save it there uncompressed or with LZW; else get a sound copy of "
    "the file";

std::uint64_t stored_number(ByteView bytes, std::size_t at, unsigned count, bool big_endian) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    value = value << 8 | bytes[at + (big_endian ? i : count - 1 - i)];
  }
  return value;
}

/// Offset of the first page's tags; the file's size if it is too short to contain it.
std::uint64_t first_directory(ByteView bytes) {
  constexpr std::size_t kHeaderBytes = 8;
  constexpr std::size_t kBigHeaderBytes = 16;
  if (bytes.size() < kHeaderBytes) return bytes.size();
  const bool big_endian = bytes[0] == 'M';
  const bool is_big_tiff = stored_number(bytes, 2, 2, big_endian) == 43;
  if (!is_big_tiff) return stored_number(bytes, 4, 4, big_endian);
  return bytes.size() < kBigHeaderBytes ? bytes.size() : stored_number(bytes, 8, 8, big_endian);
}

std::uint32_t chunk_count(TIFF* tiff) {
  return TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
}

/// Returns true if the data of a strip or tile extends beyond the end of the file.
bool is_cut(TIFF* tiff, std::size_t file_bytes) {
  const std::uint32_t chunks = chunk_count(tiff);
  for (std::uint32_t i = 0; i < chunks; ++i) {
    const std::uint64_t begin = TIFFGetStrileOffset(tiff, i);
    const std::uint64_t length = TIFFGetStrileByteCount(tiff, i);
    if (begin > file_bytes || length > file_bytes - begin) return true;
  }
  return false;
}

/// Returns the kind of the JPEG in the first strip or tile if not every libjpeg supports it:
/// "lossless JPEG", "12-bit JPEG"; empty otherwise.
std::string special_jpeg(TIFF* tiff) {
  std::array<std::uint8_t, 4096> head{};
  const auto room = static_cast<tmsize_t>(head.size());
  const tmsize_t read = TIFFIsTiled(tiff) != 0 ? TIFFReadRawTile(tiff, 0, head.data(), room)
                                               : TIFFReadRawStrip(tiff, 0, head.data(), room);
  if (read <= 0) return {};
  const ByteView bytes(head.data(), static_cast<std::size_t>(read));
  std::size_t at = 2;
  while (at + 5 <= bytes.size() && bytes[at] == 0xFF) {
    const unsigned marker = bytes[at + 1];
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker % 4 != 0;
    if (is_frame && marker % 4 == 3) return "lossless JPEG";
    if (is_frame || marker == 0xC0) return bytes[at + 4] == 12 ? "12-bit JPEG" : "";
    at += 2 + static_cast<std::size_t>(stored_number(bytes, at + 2, 2, true));
  }
  return {};
}

}  // namespace

void fail_opening_tiff(ByteView bytes) {
  const std::string error = take_tiff_error();
  if (first_directory(bytes) >= bytes.size()) {
    throw truncated_file("TIFF", "its list of tags lies beyond the end of the file");
  }
  // Its width or height is 0 or missing.
  if (error.find("zero number of") != std::string::npos) throw damaged_file("TIFF", error);
  throw unread_file("a TIFF", installed_libtiff(), error, kRemedy);
}

void fail_reading_tiff(TIFF* tiff, std::size_t file_bytes, const std::string& fallback) {
  const std::string error = take_tiff_error();
  const std::string detail = error.empty() ? fallback : error;
  if (is_cut(tiff, file_bytes)) throw truncated_file("TIFF", detail);
  // Deflate's checksum.
  if (detail.find("incorrect data check") != std::string::npos) throw damaged_file("TIFF", detail);
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (compression == COMPRESSION_JPEG) {
    if (const std::string kind = special_jpeg(tiff); !kind.empty()) {
      throw unread_file("a TIFF with " + kind + " inside",
                        installed_libtiff() + " with " + installed_libjpeg(), detail,
                        "save it with LZW in another program, or install libjpeg-turbo 3");
    }
  }
  throw unread_file("a TIFF", installed_libtiff(), detail, kRemedy);
}

}  // namespace styletransfer
