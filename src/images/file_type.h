// What a file is, by its first bytes; names and extensions play no part.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace styletransfer {

enum class FileKind { kJpeg, kPng, kTiff, kWebp, kGif, kBmp, kHeif, kForeign };

struct FileType {
  FileKind kind = FileKind::kForeign;
  /// "JPEG", "HEIC", ... and for foreign files a noun phrase: "a PDF document", "text".
  std::string name;
};

[[nodiscard]] FileType file_type_of(std::span<const std::uint8_t> bytes);

}  // namespace styletransfer
