// Layer 2: picture files. The only part of the library that knows file formats, colour profiles
// and metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "styletransfer/image.h"

namespace styletransfer {

/// What a file says of itself, found without decoding its pixels.
struct ImageFileInfo {
  std::string path;
  /// "JPEG", "PNG", "TIFF", "WebP", "BMP", "GIF", "HEIC", "AVIF": by content, never by name.
  std::string format;
  /// Size of the upright picture (orientation applied).
  Size size;
  int bits_per_channel = 8;
  bool has_alpha = false;
};

/// What is worth carrying from a content picture to the output.
struct ImageMetadata {
  /// Dots per inch; 0 when the file does not say.
  double dpi = 0.0;
  std::string description;
  std::string copyright;
  std::string artist;
};

struct LoadedImage {
  Image image;
  ImageFileInfo file;
  ImageMetadata metadata;
  /// One line each: a broken profile left aside, an invalid orientation, extra pages ignored.
  std::vector<std::string> warnings;
};

/// Reads the header only. Throws UsageError with path, real type and remedy for anything that
/// read_image would refuse by type or size.
[[nodiscard]] ImageFileInfo probe_image(const std::string& path);

/// Reads a picture: upright, converted to sRGB, 8 bits or better, alpha apart.
/// `wanted_long_edge_px` > 0 lets the decoder deliver a reduced picture, never smaller than that
/// long edge (or than the file itself); `file.size` still tells the full size. 0: every pixel.
/// The reduced picture has size_with_long_edge(file.size, wanted_long_edge_px) exactly, by area
/// average, and is made row by row: a large file needs little memory for a small picture.
/// Colours with a profile: relative colorimetric with black point compensation. CMYK without a
/// profile: (1 - ink) * (1 - black). A file without a profile is sRGB (or Adobe RGB, where its Exif
/// notes that camera option); values above 1 in float files are cut. HDR pictures (PQ, HLG) are
/// refused.
/// Throws UsageError: missing, empty, truncated, foreign or unsupported file, one line each; more
/// pixels than memory holds, before it is taken.
[[nodiscard]] LoadedImage read_image(const std::string& path, int wanted_long_edge_px = 0);

struct WriteOptions {
  /// 8 or 16 (16: PNG and TIFF only).
  int bit_depth = 8;
  /// JPEG and WebP quality, 1..100 (WebP: 100 is lossless); JPEG is always written 4:4:4.
  int quality = 95;
  /// Allow an existing file to be replaced.
  bool overwrite = false;
  ImageMetadata metadata;
  /// The run's settings as JSON, stored as XMP; read back by read_settings. Empty: none. A JPEG has
  /// room for 64 KB, in which a quote takes six bytes; longer ones are refused.
  std::string settings_json;
};

/// Checks everything about an output path that can be checked before the work: known extension,
/// depth the format can hold, existing file, folder (made when missing), permission to write, and,
/// where the picture's size is known already, the format's longest side and the disk's free space.
/// Throws UsageError. Leaves no file behind.
void check_output_path(const std::string& path, const WriteOptions& options, Size size = {});

/// An upper bound of the size of a file that write_image makes, in any format.
[[nodiscard]] std::uint64_t max_file_bytes(Size size, bool with_alpha, int bit_depth);

/// Whether a file of this name can hold alpha (PNG, TIFF, WebP). Otherwise write_image lays the
/// picture on white.
[[nodiscard]] bool output_keeps_alpha(const std::string& path);

/// Writes the picture, format by extension, rounded to nearest and never wrapped, sRGB profile
/// embedded; not-a-number becomes 0. Written beside and renamed: whatever happens, `path` holds the
/// old file or the new. Without `overwrite`, a file that appeared meanwhile stays.
/// Throws WriteError (disk full, folder gone); RunError where the format's library fails;
/// UsageError for what check_output_path would refuse.
void write_image(const Image& image, const std::string& path, const WriteOptions& options);

/// The settings_json stored in a picture by write_image; nothing when there is none.
[[nodiscard]] std::optional<std::string> read_settings(const std::string& path);

}  // namespace styletransfer
