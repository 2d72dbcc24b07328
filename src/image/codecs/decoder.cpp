#include "image/codecs/decoder.h"

#include <array>

#include "styletransfer/image_io.h"

namespace styletransfer {
namespace {

// Limit of 32-bit row and column arithmetic; far above any scan in use.
constexpr std::uint64_t kMaxPixels = (std::uint64_t{1} << 31) - 1;

/// Reduces a library's message to one printable line; some have several lines, or contain bytes of
/// the file.
std::string one_line(const std::string& detail) {
  constexpr std::size_t kMaxLength = 200;
  std::string line;
  for (const char c : detail) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_gap = byte <= ' ';
    if (!is_gap) line += byte == 127 ? '?' : c;
    if (is_gap && !line.empty() && line.back() != ' ') line += ' ';
    if (line.size() >= kMaxLength) break;
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

/// A format that can be read: a row for each.
struct ReadableFormat {
  FileFormat format;
  const char* name;
  /// Of file names; only folders are searched by them, since files are recognized by content.
  std::array<const char*, 3> extensions;
  std::unique_ptr<Decoder> (*open)(const FileType& type, ByteView bytes);
};

template <std::unique_ptr<Decoder> (*kOpen)(ByteView)>
std::unique_ptr<Decoder> open_by(const FileType& /*type*/, ByteView bytes) {
  return kOpen(bytes);
}

std::unique_ptr<Decoder> open_heif_by_name(const FileType& type, ByteView bytes) {
  return open_heif(bytes, type.name);
}

constexpr std::array kReadable{
    ReadableFormat{FileFormat::kJpeg, "JPEG", {"jpg", "jpeg"}, open_by<open_jpeg>},
    ReadableFormat{FileFormat::kPng, "PNG", {"png"}, open_by<open_png>},
    ReadableFormat{FileFormat::kTiff, "TIFF", {"tif", "tiff"}, open_by<open_tiff>},
    ReadableFormat{FileFormat::kWebp, "WebP", {"webp"}, open_by<open_webp>},
    ReadableFormat{FileFormat::kBmp, "BMP", {"bmp"}, open_by<open_bmp>},
    ReadableFormat{FileFormat::kGif, "GIF", {"gif"}, open_by<open_gif>},
    ReadableFormat{FileFormat::kHeif, "HEIC or AVIF", {"heic", "heif", "avif"}, open_heif_by_name},
};

}  // namespace

std::unique_ptr<Decoder> open_decoder(const FileType& type, ByteView bytes) {
  for (const ReadableFormat& row : kReadable) {
    if (row.format == type.format) return row.open(type, bytes);
  }
  std::string names;
  for (const ReadableFormat& row : kReadable) {
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw DecodeError("not a supported image but " + type.name + "; give a " + names + " file");
}

std::vector<std::string> readable_extensions() {
  std::vector<std::string> all;
  for (const ReadableFormat& row : kReadable) {
    for (const char* extension : row.extensions) {
      if (extension != nullptr) all.emplace_back(extension);
    }
  }
  return all;
}

void check_claimed_size(std::uint64_t width_px, std::uint64_t height_px) {
  if (width_px == 0 || height_px == 0) {
    throw DecodeError("damaged: its header says " + std::to_string(width_px) + "x" +
                      std::to_string(height_px) + " px; get a sound copy of the file");
  }
  if (width_px > kMaxPixels || height_px > kMaxPixels || width_px * height_px > kMaxPixels) {
    throw DecodeError("too large: its header says " + std::to_string(width_px) + "x" +
                      std::to_string(height_px) + " px, the limit is " +
                      std::to_string(kMaxPixels / 1'000'000) +
                      " megapixels; reduce it with another program first");
  }
}

std::string animation_warning(const std::string& format, std::uint64_t frames) {
  std::string start = "an animated " + format + ": its first frame is used";
  if (frames == 0) return start + ", the others are dropped";
  if (frames == 1) return start;
  return start + (frames == 2 ? ", the other one is dropped"
                              : ", the other " + std::to_string(frames - 1) + " are dropped");
}

DecodeError truncated_file(const std::string& format, const std::string& detail) {
  return DecodeError("truncated " + format + ": " + detail + "; get a complete copy of the file");
}

DecodeError damaged_file(const std::string& format, const std::string& detail) {
  return DecodeError("damaged " + format + ": " + one_line(detail) +
                     "; get a sound copy of the file");
}

DecodeError unread_file(const std::string& image, const std::string& library,
                        const std::string& detail, const std::string& remedy) {
  const std::string line = one_line(detail);
  return DecodeError(image + " that the installed " + library + " does not read" +
                     (line.empty() ? "" : " (" + line + ")") + "; " + remedy);
}

}  // namespace styletransfer
