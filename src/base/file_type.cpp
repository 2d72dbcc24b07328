#include "base/file_type.h"

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
  FileFormat format;
  std::string_view name;
};

constexpr std::array kSignatures{
    Signature{0, "\xFF\xD8\xFF"sv, FileFormat::kJpeg, "JPEG"sv},
    Signature{0, "\x89PNG\r\n\x1A\n"sv, FileFormat::kPng, "PNG"sv},
    Signature{8, "CR\x02"sv, FileFormat::kOtherImage, "a Canon raw photo (CR2)"sv},
    Signature{0, "II*\0"sv, FileFormat::kTiff, "TIFF"sv},
    Signature{0, "MM\0*"sv, FileFormat::kTiff, "TIFF"sv},
    Signature{0, "II+\0"sv, FileFormat::kTiff, "TIFF"sv},
    Signature{0, "MM\0+"sv, FileFormat::kTiff, "TIFF"sv},
    Signature{8, "WEBP"sv, FileFormat::kWebp, "WebP"sv},
    Signature{0, "GIF87a"sv, FileFormat::kGif, "GIF"sv},
    Signature{0, "GIF89a"sv, FileFormat::kGif, "GIF"sv},
    Signature{0, "%PDF"sv, FileFormat::kOther, "a PDF document"sv},
    Signature{0, "%!PS"sv, FileFormat::kOther, "a PostScript document"sv},
    Signature{0, "8BPS"sv, FileFormat::kOtherImage, "a Photoshop document (PSD)"sv},
    Signature{0, "gimp xcf"sv, FileFormat::kOtherImage, "a GIMP document (XCF)"sv},
    Signature{0, "\x76\x2F\x31\x01"sv, FileFormat::kOtherImage, "an OpenEXR image"sv},
    Signature{0, "#?RADIANCE"sv, FileFormat::kOtherImage, "a Radiance HDR image"sv},
    Signature{0, "#?RGBE"sv, FileFormat::kOtherImage, "a Radiance HDR image"sv},
    Signature{0, "\0\0\0\x0CjP  \r\n\x87\n"sv, FileFormat::kOtherImage, "a JPEG 2000 image"sv},
    Signature{0, "\xFF\x4F\xFF\x51"sv, FileFormat::kOtherImage, "a JPEG 2000 image"sv},
    Signature{0, "\0\0\0\x0CJXL \r\n\x87\n"sv, FileFormat::kOtherImage, "a JPEG XL image"sv},
    Signature{0, "\xFF\x0A"sv, FileFormat::kOtherImage, "a JPEG XL image"sv},
    Signature{0, "II\xBC\x01"sv, FileFormat::kOtherImage, "a JPEG XR image"sv},
    Signature{0, "FUJIFILMCCD-RAW"sv, FileFormat::kOtherImage, "a Fujifilm raw photo"sv},
    Signature{0, "IIRO"sv, FileFormat::kOtherImage, "an Olympus raw photo (ORF)"sv},
    Signature{0, "IIU\0"sv, FileFormat::kOtherImage, "a Panasonic raw photo (RW2)"sv},
    Signature{0, "\0\0\1\0"sv, FileFormat::kOtherImage, "an icon (ICO)"sv},
    Signature{0, "PK\x03\x04"sv, FileFormat::kOther, "a ZIP archive or office document"sv},
    Signature{0, "\x1F\x8B"sv, FileFormat::kOther, "a gzip archive"sv},
    Signature{0, "Rar!"sv, FileFormat::kOther, "a RAR archive"sv},
    Signature{0, "7z\xBC\xAF"sv, FileFormat::kOther, "a 7z archive"sv},
    Signature{0,
              "\x7F"
              "ELF"sv,
              FileFormat::kOther, "a program"sv},
    Signature{0, "\x1A\x45\xDF\xA3"sv, FileFormat::kOther, "a Matroska or WebM video"sv},
    Signature{0, "OggS"sv, FileFormat::kOther, "an Ogg sound or video file"sv},
    Signature{0, "ID3"sv, FileFormat::kOther, "an MP3 sound file"sv},
    Signature{0, "SIMPLE  ="sv, FileFormat::kOtherImage, "a FITS image"sv},
    Signature{0, "\x89HDF\r\n\x1A\n"sv, FileFormat::kHdf5, "an HDF5 file"sv},
    Signature{0, "qoif"sv, FileFormat::kOtherImage, "a QOI image"sv},
    Signature{0, "DDS "sv, FileFormat::kOtherImage, "a DDS texture"sv},
};

bool holds_at(std::string_view bytes, std::size_t offset, std::string_view magic) {
  return bytes.size() >= offset + magic.size() && bytes.substr(offset, magic.size()) == magic;
}

/// Detects ISO base media files: images, raw photos and videos share the container.
FileType iso_media_type(std::string_view bytes) {
  // The `ftyp` box gives its own length; whatever follows is not a brand.
  const std::size_t length =
      static_cast<unsigned char>(bytes[2]) << 8 | static_cast<unsigned char>(bytes[3]);
  const std::size_t end = std::min(bytes.size(), std::max<std::size_t>(length, 12));
  const auto has_one_of = [&](std::initializer_list<std::string_view> brands) {
    for (std::size_t at = 8; at + 4 <= end; at += 4) {
      if (std::find(brands.begin(), brands.end(), bytes.substr(at, 4)) != brands.end()) return true;
    }
    return false;
  };
  if (has_one_of({"avif", "avis"})) return {FileFormat::kHeif, "AVIF"};
  if (holds_at(bytes, 8, "crx ")) return {FileFormat::kOtherImage, "a Canon raw photo (CR3)"};
  if (has_one_of({"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "mif2", "mif3", "msf1",
                  "vvic", "avci", "jpeg", "j2ki", "unif"})) {
    return {FileFormat::kHeif, "HEIC"};
  }
  return {FileFormat::kOther, "an MP4 or QuickTime video"};
}

bool is_bmp(std::string_view bytes) {
  if (!holds_at(bytes, 0, "BM") || bytes.size() < 18) return false;
  // "BM" may also begin a text; the header length that follows decides.
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
    if (s.format == FileFormat::kWebp && !holds_at(bytes, 0, "RIFF")) continue;
    return {s.format, std::string(s.name)};
  }
  if (is_bmp(bytes)) return {FileFormat::kBmp, "BMP"};
  if (is_netpbm(bytes)) return {FileFormat::kOtherImage, "a Netpbm image (PBM, PGM, PPM)"};
  if (holds_at(bytes, 0, "RIFF")) return {FileFormat::kOther, "a RIFF sound or video file"};
  if (looks_like_text(bytes)) return {FileFormat::kText, markup_name(bytes)};
  return {FileFormat::kOther, "a file of unknown type"};
}

}  // namespace styletransfer
