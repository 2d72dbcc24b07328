#include "image/metadata.h"

#include <array>
#include <cmath>
#include <cstring>
#include <exiv2/exiv2.hpp>
#include <exiv2/webpimage.hpp>
#include <mutex>

#include "base/big_endian.h"
#include "base/utf8.h"

namespace styletransfer {
namespace {

constexpr const char* kNamespace = "urn:styletransfer:xmp:1.0/";
constexpr const char* kPrefix = "styletransfer";
constexpr const char* kSettingsKey = "Xmp.styletransfer.Settings";
constexpr int kInches = 2;
constexpr int kCentimetres = 3;

void set_up_exiv2() {
  static std::once_flag once;
  std::call_once(once, [] {
    static std::mutex mutex;
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    Exiv2::XmpParser::initialize(
        [](void* data, bool lock) {
          auto& m = *static_cast<std::mutex*>(data);
          lock ? m.lock() : m.unlock();
        },
        &mutex);
    Exiv2::XmpProperties::registerNs(kNamespace, kPrefix);
  });
}

template <typename Datum>
long integer_of(const Datum& datum) {
#if EXIV2_TEST_VERSION(0, 28, 0)
  return static_cast<long>(datum.toInt64());
#else
  return datum.toLong();
#endif
}

std::string text_of(const Exiv2::ExifData& exif, const char* key) {
  const auto found = exif.findKey(Exiv2::ExifKey(key));
  if (found == exif.end()) return {};
  std::string text = found->toString();
  // Cameras pad empty Exif text with blanks.
  const std::size_t last = text.find_last_not_of(std::string(" \0\t\r\n", 5));
  text.resize(last == std::string::npos ? 0 : last + 1);
  return text;
}

std::string text_of(const Exiv2::XmpData& xmp, const char* key) {
  const auto found = xmp.findKey(Exiv2::XmpKey(key));
  if (found == xmp.end() || found->count() == 0) return {};
  const auto* alternatives = dynamic_cast<const Exiv2::LangAltValue*>(&found->value());
  return alternatives != nullptr ? alternatives->toString("x-default") : found->toString(0);
}

void read_orientation(const Exiv2::ExifData& exif, const Exiv2::XmpData& xmp,
                      FileMetadata& metadata) {
  const auto in_exif = exif.findKey(Exiv2::ExifKey("Exif.Image.Orientation"));
  if (in_exif != exif.end() && in_exif->count() > 0) {
    metadata.orientation = static_cast<int>(integer_of(*in_exif));
    if (metadata.orientation == 0) metadata.orientation = -1;  // present but invalid
    return;
  }
  const auto in_xmp = xmp.findKey(Exiv2::XmpKey("Xmp.tiff.Orientation"));
  if (in_xmp != xmp.end() && in_xmp->count() > 0) {
    metadata.orientation = static_cast<int>(integer_of(*in_xmp));
  }
}

void read_resolution(const Exiv2::ExifData& exif, FileMetadata& metadata) {
  const auto found = exif.findKey(Exiv2::ExifKey("Exif.Image.XResolution"));
  if (found == exif.end() || found->count() == 0) return;
  const double value = found->toFloat();
  if (!(value > 1.0 && value < 1e6)) return;
  long unit = kInches;
  const auto unit_found = exif.findKey(Exiv2::ExifKey("Exif.Image.ResolutionUnit"));
  if (unit_found != exif.end() && unit_found->count() > 0) unit = integer_of(*unit_found);
  if (unit == kInches) metadata.carried.dpi = value;
  if (unit == kCentimetres) metadata.carried.dpi = value * 2.54;
}

void read_texts(const Exiv2::ExifData& exif, const Exiv2::XmpData& xmp, ImageMetadata& carried) {
  const auto either = [&](const char* exif_key, const char* xmp_key) {
    const std::string in_exif = text_of(exif, exif_key);
    return in_exif.empty() ? text_of(xmp, xmp_key) : in_exif;
  };
  carried.description = either("Exif.Image.ImageDescription", "Xmp.dc.description");
  carried.copyright = either("Exif.Image.Copyright", "Xmp.dc.rights");
  carried.artist = either("Exif.Image.Artist", "Xmp.dc.creator");
}

bool notes_adobe_rgb(const Exiv2::ExifData& exif) {
  return text_of(exif, "Exif.Iop.InteroperabilityIndex") == "R03";
}

/// Exiv2 also opens videos and raw photos; damaged ones can keep it busy for minutes.
bool is_understood(std::span<const std::uint8_t> file_bytes) {
  const auto type = Exiv2::ImageFactory::getType(file_bytes.data(), file_bytes.size());
  return type == Exiv2::ImageType::jpeg || type == Exiv2::ImageType::png ||
         type == Exiv2::ImageType::tiff || type == Exiv2::ImageType::webp;
}

/// Returns the Exif block of a PNG whose writer put the six-byte JPEG prefix before it; Exiv2
/// ignores such a chunk. Empty if there is none.
std::span<const std::uint8_t> prefixed_png_exif(std::span<const std::uint8_t> file_bytes) {
  constexpr std::size_t kSignatureBytes = 8;
  constexpr std::size_t kChecksumBytes = 4;
  constexpr std::array<std::uint8_t, 6> kExifPrefix{'E', 'x', 'i', 'f', 0, 0};
  std::span<const std::uint8_t> rest = file_bytes.subspan(kSignatureBytes);
  while (true) {
    BigEndianReader reader(rest);
    const auto length = static_cast<std::size_t>(reader.number(4));
    const std::string name = reader.code();
    if (!reader.ok() || length > reader.left()) return {};
    const std::span<const std::uint8_t> data = rest.subspan(reader.position(), length);
    if (name == "eXIf" && length > kExifPrefix.size() &&
        std::memcmp(data.data(), kExifPrefix.data(), kExifPrefix.size()) == 0) {
      return data.subspan(kExifPrefix.size());
    }
    if (reader.left() - length < kChecksumBytes) return {};
    rest = rest.subspan(reader.position() + length + kChecksumBytes);
  }
}

/// Runs one step; if it fails, its fields remain unchanged.
template <typename Step>
void attempt(Step&& step) {
  try {
    step();
  } catch (const std::exception&) {
  }
}

}  // namespace

FileMetadata read_exif_block(std::span<const std::uint8_t> exif_bytes) {
  set_up_exiv2();
  FileMetadata metadata;
  attempt([&] {
    Exiv2::ExifData exif;
    const Exiv2::XmpData no_xmp;
    Exiv2::ExifParser::decode(exif, exif_bytes.data(), exif_bytes.size());
    attempt([&] { read_resolution(exif, metadata); });
    attempt([&] { read_texts(exif, no_xmp, metadata.carried); });
  });
  return metadata;
}

FileMetadata read_file_metadata(std::span<const std::uint8_t> file_bytes) {
  set_up_exiv2();
  FileMetadata metadata;
  attempt([&] {
    if (!is_understood(file_bytes)) return;
    auto image = Exiv2::ImageFactory::open(file_bytes.data(), file_bytes.size());
    // Metadata read before the damage still count.
    attempt([&] { image->readMetadata(); });
    Exiv2::ExifData exif = image->exifData();
    const Exiv2::XmpData& xmp = image->xmpData();
    if (exif.empty() && image->mimeType() == "image/png") {
      const std::span<const std::uint8_t> block = prefixed_png_exif(file_bytes);
      attempt([&] { Exiv2::ExifParser::decode(exif, block.data(), block.size()); });
    }
    attempt([&] { read_orientation(exif, xmp, metadata); });
    attempt([&] { read_resolution(exif, metadata); });
    attempt([&] { read_texts(exif, xmp, metadata.carried); });
    attempt([&] { metadata.is_adobe_rgb = notes_adobe_rgb(exif); });
    attempt([&] {
      const auto found = xmp.findKey(Exiv2::XmpKey(kSettingsKey));
      if (found != xmp.end()) metadata.settings_json = found->toString();
    });
  });
  return metadata;
}

std::vector<std::uint8_t> exif_block(const ImageMetadata& metadata) {
  set_up_exiv2();
  Exiv2::ExifData exif;
  exif["Exif.Image.Orientation"] = std::uint16_t{1};
  exif["Exif.Image.Software"] = std::string("styletransfer");
  if (metadata.dpi > 0.0) {
    const Exiv2::URational dpi(static_cast<std::uint32_t>(std::lround(metadata.dpi * 100)), 100);
    exif["Exif.Image.XResolution"] = dpi;
    exif["Exif.Image.YResolution"] = dpi;
    exif["Exif.Image.ResolutionUnit"] = std::uint16_t{kInches};
  }
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) attempt([&] { exif[key] = text; });
  };
  add("Exif.Image.ImageDescription", metadata.description);
  add("Exif.Image.Copyright", metadata.copyright);
  add("Exif.Image.Artist", metadata.artist);
  Exiv2::Blob blob;
  attempt([&] { Exiv2::ExifParser::encode(blob, Exiv2::littleEndian, exif); });
  return {blob.begin(), blob.end()};
}

std::string xmp_packet(const ImageMetadata& metadata, const std::string& settings_json) {
  set_up_exiv2();
  Exiv2::XmpData xmp;
  const auto add = [&](const char* key, const std::string& text) {
    if (!text.empty()) attempt([&] { xmp[key] = valid_xml_text(text); });
  };
  add("Xmp.dc.description", metadata.description);
  add("Xmp.dc.rights", metadata.copyright);
  add("Xmp.dc.creator", metadata.artist);
  xmp["Xmp.xmp.CreatorTool"] = std::string("styletransfer");
  add(kSettingsKey, settings_json);
  std::string packet;
  constexpr std::uint16_t kFormat =
      Exiv2::XmpParser::useCompactFormat | Exiv2::XmpParser::omitAllFormatting;
  // Written once and never edited in place, so no padding is needed.
  constexpr std::uint32_t kPadding = 1;
  attempt([&] {
    if (Exiv2::XmpParser::encode(packet, xmp, kFormat, kPadding) != 0) packet.clear();
  });
  return packet;
}

}  // namespace styletransfer
