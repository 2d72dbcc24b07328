// File type detection by content; names and extensions are ignored.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace styletransfer {

/// kHeif: HEIC and AVIF. kOtherImage: an image format that is not supported. kOther: not an image.
enum class FileFormat {
  kJpeg,
  kPng,
  kTiff,
  kWebp,
  kGif,
  kBmp,
  kHeif,
  kOtherImage,
  kHdf5,
  kText,
  kOther
};

struct FileType {
  FileFormat format = FileFormat::kOther;
  /// "JPEG", "HEIC", ... and for other files a noun phrase: "a PDF document", "text".
  std::string name;
};

/// Detects the type from the first 4096 bytes.
[[nodiscard]] FileType file_type_of(std::span<const std::uint8_t> bytes);

}  // namespace styletransfer
