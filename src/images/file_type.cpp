#include "images/file_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string_view>

namespace styletransfer {
namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::size_t offset;
  std::string_view magic;
  FileKind kind;
  std::string_view name;
};

constexpr std::array kSignatures{
    Signature{0, "\xFF\xD8\xFF"sv, FileKind::kJpeg, "JPEG"sv},
    Signature{0, "\x89PNG\r\n\x1A\n"sv, FileKind::kPng, "PNG"sv},
    Signature{8, "CR\x02"sv, FileKind::kForeign, "a Canon raw photo (CR2)"sv},
    Signature{0, "II*\0"sv, FileKind::kTiff, "TIFF"sv},
    Signature{0, "MM\0*"sv, FileKind::kTiff, "TIFF"sv},
    Signature{0, "II+\0"sv, FileKind::kTiff, "TIFF"sv},
    Signature{0, "MM\0+"sv, FileKind::kTiff, "TIFF"sv},
    Signature{8, "WEBP"sv, FileKind::kWebp, "WebP"sv},
    Signature{0, "GIF87a"sv, FileKind::kGif, "GIF"sv},
    Signature{0, "GIF89a"sv, FileKind::kGif, "GIF"sv},
    Signature{0, "%PDF"sv, FileKind::kForeign, "a PDF document"sv},
    Signature{0, "%!PS"sv, FileKind::kForeign, "a PostScript document"sv},
    Signature{0, "8BPS"sv, FileKind::kForeign, "a Photoshop document (PSD)"sv},
    Signature{0, "gimp xcf"sv, FileKind::kForeign, "a GIMP document (XCF)"sv},
    Signature{0, "\x76\x2F\x31\x01"sv, FileKind::kForeign, "an OpenEXR picture"sv},
    Signature{0, "#?RADIANCE"sv, FileKind::kForeign, "a Radiance HDR picture"sv},
    Signature{0, "#?RGBE"sv, FileKind::kForeign, "a Radiance HDR picture"sv},
    Signature{0, "\0\0\0\x0CjP  \r\n\x87\n"sv, FileKind::kForeign, "a JPEG 2000 picture"sv},
    Signature{0, "\xFF\x4F\xFF\x51"sv, FileKind::kForeign, "a JPEG 2000 picture"sv},
    Signature{0, "\0\0\0\x0CJXL \r\n\x87\n"sv, FileKind::kForeign, "a JPEG XL picture"sv},
    Signature{0, "\xFF\x0A"sv, FileKind::kForeign, "a JPEG XL picture"sv},
    Signature{0, "II\xBC\x01"sv, FileKind::kForeign, "a JPEG XR picture"sv},
    Signature{0, "FUJIFILMCCD-RAW"sv, FileKind::kForeign, "a Fujifilm raw photo"sv},
    Signature{0, "IIRO"sv, FileKind::kForeign, "an Olympus raw photo (ORF)"sv},
    Signature{0, "IIU\0"sv, FileKind::kForeign, "a Panasonic raw photo (RW2)"sv},
    Signature{0, "\0\0\1\0"sv, FileKind::kForeign, "an icon (ICO)"sv},
    Signature{0, "PK\x03\x04"sv, FileKind::kForeign, "a ZIP archive or office document"sv},
    Signature{0, "\x1F\x8B"sv, FileKind::kForeign, "a gzip archive"sv},
    Signature{0, "Rar!"sv, FileKind::kForeign, "a RAR archive"sv},
    Signature{0, "7z\xBC\xAF"sv, FileKind::kForeign, "a 7z archive"sv},
    Signature{0,
              "\x7F"
              "ELF"sv,
              FileKind::kForeign, "a program"sv},
    Signature{0, "\x1A\x45\xDF\xA3"sv, FileKind::kForeign, "a Matroska or WebM video"sv},
    Signature{0, "OggS"sv, FileKind::kForeign, "an Ogg sound or video file"sv},
    Signature{0, "ID3"sv, FileKind::kForeign, "an MP3 sound file"sv},
    Signature{0, "SIMPLE  ="sv, FileKind::kForeign, "a FITS picture"sv},
    Signature{0, "qoif"sv, FileKind::kForeign, "a QOI picture"sv},
    Signature{0, "DDS "sv, FileKind::kForeign, "a DDS texture"sv},
};

bool holds_at(std::string_view bytes, std::size_t offset, std::string_view magic) {
  return bytes.size() >= offset + magic.size() && bytes.substr(offset, magic.size()) == magic;
}

/// ISO base media files: pictures, raw photos and videos share the container.
FileType iso_media_type(std::string_view bytes) {
  // The box of brands says its own length; what follows it is no brand.
  const std::size_t length =
      static_cast<unsigned char>(bytes[2]) << 8 | static_cast<unsigned char>(bytes[3]);
  const std::size_t end = std::min(bytes.size(), std::max<std::size_t>(length, 12));
  const auto has_one_of = [&](std::initializer_list<std::string_view> brands) {
    for (std::size_t at = 8; at + 4 <= end; at += 4) {
      if (std::find(brands.begin(), brands.end(), bytes.substr(at, 4)) != brands.end()) return true;
    }
    return false;
  };
  if (has_one_of({"avif", "avis"})) return {FileKind::kHeif, "AVIF"};
  if (holds_at(bytes, 8, "crx ")) return {FileKind::kForeign, "a Canon raw photo (CR3)"};
  if (has_one_of({"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "mif2", "mif3", "msf1",
                  "vvic", "avci", "jpeg", "j2ki", "unif"})) {
    return {FileKind::kHeif, "HEIC"};
  }
  return {FileKind::kForeign, "an MP4 or QuickTime video"};
}

bool is_bmp(std::string_view bytes) {
  if (!holds_at(bytes, 0, "BM") || bytes.size() < 18) return false;
  // "BM" may begin a text; the header length that follows settles it.
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned header_length = byte(14) | byte(15) << 8 | byte(16) << 16 | byte(17) << 24;
  return header_length >= 12 && header_length <= 256;
}

bool is_netpbm(std::string_view bytes) {
  return bytes.size() > 3 && bytes[0] == 'P' &&
         ((bytes[1] >= '1' && bytes[1] <= '7') || bytes[1] == 'F' || bytes[1] == 'f') &&
         std::isspace(static_cast<unsigned char>(bytes[2])) != 0;
}

bool looks_like_text(std::string_view bytes) {
  const auto is_binary = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 32 && u != '\t' && u != '\n' && u != '\r' && u != '\f' && u != 27;
  };
  return !bytes.empty() && std::none_of(bytes.begin(), bytes.end(), is_binary);
}

std::string markup_name(std::string_view bytes) {
  std::string head(bytes.substr(0, 2048));
  std::transform(head.begin(), head.end(), head.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (head.find("<svg") != head.npos) return "an SVG drawing";
  if (head.find("<html") != head.npos || head.find("<!doctype html") != head.npos) {
    return "an HTML page";
  }
  if (head.starts_with("<?xml")) return "an XML document";
  return "text";
}

}  // namespace

FileType file_type_of(std::span<const std::uint8_t> data) {
  const std::string_view bytes(reinterpret_cast<const char*>(data.data()),
                               std::min<std::size_t>(data.size(), 4096));
  if (holds_at(bytes, 4, "ftyp") && bytes.size() >= 12) return iso_media_type(bytes);
  for (const Signature& s : kSignatures) {
    if (!holds_at(bytes, s.offset, s.magic)) continue;
    if (s.kind == FileKind::kWebp && !holds_at(bytes, 0, "RIFF")) continue;
    return {s.kind, std::string(s.name)};
  }
  if (is_bmp(bytes)) return {FileKind::kBmp, "BMP"};
  if (is_netpbm(bytes)) return {FileKind::kForeign, "a Netpbm picture (PBM, PGM, PPM)"};
  if (holds_at(bytes, 0, "RIFF")) return {FileKind::kForeign, "a RIFF sound or video file"};
  if (looks_like_text(bytes)) return {FileKind::kForeign, markup_name(bytes)};
  return {FileKind::kForeign, "a file of unknown type"};
}

}  // namespace styletransfer
