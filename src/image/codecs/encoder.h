// Encoders of the output formats.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "styletransfer/image_io.h"

namespace styletransfer {

enum class OutputFormat { kPng, kJpeg, kTiff, kWebp };

/// What a format can hold.
struct FormatLimits {
  int longest_side_px = 0;
  bool has_alpha = true;
  bool has_16_bits = true;
  /// WriteOptions::quality applies.
  bool has_quality = false;
  /// A file is at least the pixels' bytes divided by this.
  int max_compression = 4;
};
[[nodiscard]] FormatLimits limits_of(OutputFormat format);

/// Returns the format by extension, ignoring case; nullopt if it is unsupported.
[[nodiscard]] std::optional<OutputFormat> output_format_of(const std::string& path);

/// An image with everything that goes into its file.
struct EncodeJob {
  const Image& image;
  const WriteOptions& options;
  std::vector<std::uint8_t> exif;
  std::string xmp;
};

/// Failed write: errno at that moment (0: the library refused), and the library's message.
class EncodeError : public std::runtime_error {
 public:
  EncodeError(int error_number, const std::string& message)
      : std::runtime_error(message), error_number_(error_number) {}
  [[nodiscard]] int error_number() const { return error_number_; }

 private:
  int error_number_;
};

/// Encode row by row into the stream without copying the image (WebP: one 8-bit copy). All throw
/// EncodeError.
void encode_png(const EncodeJob& job, std::FILE* stream);
void encode_jpeg(const EncodeJob& job, std::FILE* stream);
void encode_tiff(const EncodeJob& job, std::FILE* stream);
void encode_webp(const EncodeJob& job, std::FILE* stream);
void encode(OutputFormat format, const EncodeJob& job, std::FILE* stream);

/// Converts rows of a float image to integers: rounded to nearest, clamped, NaN as 0.
class IntegerRows {
 public:
  /// With `keep_alpha`, rows are RGBA if the image has alpha; otherwise it is composited onto
  /// white.
  IntegerRows(const Image& image, bool keep_alpha);

  [[nodiscard]] int channels() const { return with_alpha_ ? 4 : 3; }
  /// Both write width x channels() values.
  void read(int y, std::uint8_t* out) const { read_scaled(y, out, 255.0F); }
  void read(int y, std::uint16_t* out) const { read_scaled(y, out, 65535.0F); }

 private:
  template <typename Sample>
  void read_scaled(int y, Sample* out, float top) const;

  const Image& image_;
  bool with_alpha_;
};

}  // namespace styletransfer
