// What pictures say beside their pixels: Exif and XMP, through Exiv2.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "styletransfer/image_io.h"

namespace styletransfer {

struct FileMetadata {
  /// Exif orientation (or XMP's, where Exif has none); 0: not said, other values as found.
  int orientation = 0;
  ImageMetadata carried;
  /// A camera's note that it used its Adobe RGB option (DCF), which comes without a profile.
  bool is_adobe_rgb = false;
  /// The run's settings as write_image stored them.
  std::optional<std::string> settings_json;
};

/// Of a JPEG, PNG, TIFF or WebP file. Never throws for bad metadata: what cannot be read is
/// missing.
[[nodiscard]] FileMetadata read_file_metadata(std::span<const std::uint8_t> file_bytes);

/// Resolution and texts of an Exif block that another library found.
[[nodiscard]] FileMetadata read_exif_block(std::span<const std::uint8_t> exif_bytes);

/// An Exif block (TIFF header first, upright orientation) with what is to be carried.
[[nodiscard]] std::vector<std::uint8_t> exif_block(const ImageMetadata& metadata);

/// An XMP packet with the same and the run's settings. Bytes that are no UTF-8, or that XML cannot
/// hold, become U+FFFD.
[[nodiscard]] std::string xmp_packet(const ImageMetadata& metadata,
                                     const std::string& settings_json);

}  // namespace styletransfer
