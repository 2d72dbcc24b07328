// Reading and writing of image files. The only part of the library that knows file formats, color
// profiles and metadata.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/bounds.h"
#include "styletransfer/image.h"

namespace styletransfer {

/// Properties of an image file, found without decoding its pixels.
struct ImageFileInfo {
  std::string path;
  /// "JPEG", "PNG", "TIFF", "WebP", "BMP", "GIF", "HEIC", "AVIF": detected by content, never by
  /// name.
  std::string format;
  /// Size of the upright image (orientation applied).
  Size size;
  int bits_per_channel = 8;
  bool has_alpha = false;
};

/// Metadata that is copied from a content image to the output.
struct ImageMetadata {
  /// Dots per inch; 0 when the file does not say.
  double dpi = 0.0;
  std::string description;
  std::string copyright;
  std::string artist;
};

/// An image with the properties and metadata of its file.
struct LoadedImage {
  Image image;
  ImageFileInfo file;
  ImageMetadata metadata;
  /// One line each: an invalid color profile or orientation that was ignored, extra pages that were
  /// skipped.
  std::vector<std::string> warnings;
};

/// Returns the file name extensions of the formats that can be read: "jpg", "jpeg", "png", ...
[[nodiscard]] std::vector<std::string> readable_extensions();

/// Reads the header only. Throws UsageError with path, actual type and remedy for anything that
/// read_image would reject by type or size.
[[nodiscard]] ImageFileInfo probe_image(const std::string& path);

/// Reads an image: upright, converted to sRGB, 8 bits or better, alpha separate.
/// `wanted_long_edge_px` > 0 lets the decoder return a reduced image, never smaller than that long
/// edge (or than the file itself); `file.size` is still the full size. 0: every pixel. The reduced
/// image has exactly size_with_long_edge(file.size, wanted_long_edge_px), by area average, and is
/// made row by row: a large file needs little memory for a small image.
/// Colors with a profile: relative colorimetric with black point compensation. CMYK without a
/// profile: (1 - ink) * (1 - black). A file without a profile is sRGB (or Adobe RGB, if its Exif
/// data record that camera option); values above 1 in float files are clamped. HDR images (PQ, HLG)
/// are rejected.
/// Throws UsageError: missing, empty, truncated, foreign or unsupported file, one line each; more
/// pixels than fit into memory, before allocating them.
[[nodiscard]] LoadedImage read_image(const std::string& path, int wanted_long_edge_px = 0);

/// An image file that stays open between the check of its header and the reading of its pixels.
class ImageFile {
 public:
  /// Reads the header. Throws UsageError as probe_image does.
  explicit ImageFile(const std::string& path);
  ~ImageFile();
  ImageFile(ImageFile&& other) noexcept;
  ImageFile& operator=(ImageFile&& other) noexcept;

  [[nodiscard]] const ImageFileInfo& info() const;
  /// The same as read_image; call once.
  [[nodiscard]] LoadedImage read(int wanted_long_edge_px = 0);
  /// SHA-256 of the file as 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string sha256() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Options of write_image.
struct WriteOptions {
  /// 8 or 16 (16: PNG and TIFF only).
  int bit_depth = 8;
  /// JPEG and WebP quality, 1..100 (WebP: 100 is lossless); JPEG is always written 4:4:4.
  int quality = 95;
  static constexpr Bounds<int> kQuality{1, 100};
  /// Allows an existing file to be replaced.
  bool overwrite = false;
  ImageMetadata metadata;
  /// The run's settings as JSON, stored as XMP and read back by read_settings. Empty: none. A JPEG
  /// has room for 64 KB, in which a quote takes six bytes; longer settings are rejected.
  std::string settings_json;
};

/// Checks everything about an output path that can be checked before the run: known extension, bit
/// depth the format supports, existing file, folder (created when missing), write permission, and,
/// if the image's size is already known, the format's longest side, the disk's free space and the
/// system's limit of a file's size.
/// Throws UsageError. Leaves no file behind.
void check_output_path(const std::string& path, const WriteOptions& options, Size size = {});

/// Returns an upper bound of the size of a file that write_image makes, in any format.
[[nodiscard]] std::uint64_t max_file_bytes(Size size, bool with_alpha, int bit_depth);

/// Returns true if a file of this name can hold alpha (PNG, TIFF, WebP). Otherwise write_image
/// composites the image onto white.
[[nodiscard]] bool output_keeps_alpha(const std::string& path);

/// Returns true if the format of this name has a quality (JPEG, WebP).
[[nodiscard]] bool output_has_quality(const std::string& path);
/// Returns true if a file of this name can have 16 bits per channel (PNG, TIFF).
[[nodiscard]] bool output_has_16_bits(const std::string& path);

/// Returns the usual file name extension of every format that can be written: "png", "jpg", ...
[[nodiscard]] std::vector<std::string> writable_extensions();

/// Writes the image in the format given by the extension, rounded to nearest and clamped, with an
/// embedded sRGB profile; NaN becomes 0. Writes a temporary file and renames it, so `path` always
/// holds either the old file or the new one. Without `overwrite`, a file that appeared meanwhile is
/// left alone.
/// Throws WriteError (disk full, folder gone); RunError if the format's library fails; UsageError
/// for whatever check_output_path would reject.
void write_image(const Image& image, const std::string& path, const WriteOptions& options);

/// Returns the settings_json stored in an image by write_image; nullopt when there is none.
[[nodiscard]] std::optional<std::string> read_settings(const std::string& path);

}  // namespace styletransfer
