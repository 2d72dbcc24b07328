// Image metadata besides pixels: Exif and XMP, through Exiv2.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "styletransfer/image_io.h"

namespace styletransfer {

struct FileMetadata {
  /// Exif orientation (or that of XMP if Exif has none); 0: absent; other values as found in the
  /// file.
  int orientation = 0;
  ImageMetadata carried;
  /// The camera recorded that it used its Adobe RGB option (DCF), which comes without a profile.
  bool is_adobe_rgb = false;
  /// The run's settings as write_image stored them.
  std::optional<std::string> settings_json;
};

/// Reads the metadata of a JPEG, PNG, TIFF or WebP file. Never throws for bad metadata: unreadable
/// fields are absent.
[[nodiscard]] FileMetadata read_file_metadata(std::span<const std::uint8_t> file_bytes);

/// Reads resolution and texts from an Exif block that another library found.
[[nodiscard]] FileMetadata read_exif_block(std::span<const std::uint8_t> exif_bytes);

/// Returns an Exif block (TIFF header first, upright orientation) with the metadata to be copied.
[[nodiscard]] std::vector<std::uint8_t> exif_block(const ImageMetadata& metadata);

/// Returns an XMP packet with the same metadata and the run's settings. Bytes that are not valid
/// UTF-8, or characters that XML does not allow, become U+FFFD.
[[nodiscard]] std::string xmp_packet(const ImageMetadata& metadata,
                                     const std::string& settings_json);

}  // namespace styletransfer
